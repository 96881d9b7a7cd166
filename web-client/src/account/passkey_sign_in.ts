import type { Http } from './http.ts';
import type { WebAuthn } from '../platform/web_authn.ts';
import { isRecord } from '../protocol/shape.ts';
import type { DeviceKeys } from './device_keys.ts';
import { askWith, parseBegun, parseCompleted, type Confirmed } from './passkeys.ts';

export interface SignInParts {
  readonly http: Http;
  readonly ceremonies: () => Promise<Pick<WebAuthn, 'obstacle' | 'show'>>;
  readonly keys: () => Promise<Pick<DeviceKeys, 'forget' | 'offer'>>;
}

const SIGN_INS = '/v1/passkeys/sign-ins';

/**
 * Signs a browser that knows nothing in as the member whose passkey is shown. Whether they are an organiser, whose device is
 * bound to a key, the service knows first: the key is offered, and forgotten where it is not wanted.
 */
export async function signInByPasskey({ http, ceremonies, keys }: SignInParts): Promise<Confirmed> {
  const browser = await ceremonies();
  const obstacle = browser.obstacle();
  if (obstacle !== null) return { kind: 'failed', why: obstacle };
  const begun = await askWith(http, { method: 'POST', path: SIGN_INS }, parseBegun);
  if (begun.kind === 'failed') return begun;
  const shown = await browser.show(begun.value.options);
  if (shown.kind === 'failed') return shown;
  const held = await keys();
  const body = { credential: shown.credential, device_key: await held.offer(true) };
  const path = `${SIGN_INS}/${encodeURIComponent(begun.value.id)}`;
  const answer = await askWith(http, { method: 'POST', path, body }, parseSignedIn);
  if (answer.kind === 'failed' || !answer.value.isBound) await held.forget();
  return answer.kind === 'ok' ? { kind: 'confirmed', session: answer.value.session } : answer;
}

function parseSignedIn(body: unknown) {
  const session = parseCompleted(body);
  if (session === null || !isRecord(body) || !isRecord(body['session'])) return null;
  const { passkeys } = body['session'];
  return { session, isBound: isRecord(passkeys) && passkeys['is_bound'] === true };
}
