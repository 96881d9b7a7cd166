import type { Clock } from '../platform/clock.ts';
import type { DeviceKeys } from './device_keys.ts';

export interface ProverParts {
  readonly keys: Pick<DeviceKeys, 'current'>;
  readonly clock: Clock;
  readonly randomId: () => string;
  /** Of the service, as this page has it. */
  readonly origin: string;
}

/** Makes proofs that this device still has its key: JWTs in the shape of DPoP (RFC 9449 §4.2), one for each request. */
export class Prover {
  readonly #parts: ProverParts;
  /** How far the service's clock is ahead of this device's, once the service has said its time. */
  #aheadMs = 0;

  constructor(parts: ProverParts) {
    this.#parts = parts;
  }

  /** `null`: this device has no key. `saidAt`: the service's time, when it did not take the last proof. */
  async prove(method: string, path: string, saidAt?: number): Promise<string | null> {
    const { keys, clock, randomId, origin } = this.#parts;
    const key = await keys.current();
    if (key === null) return null;
    if (saidAt !== undefined) this.#aheadMs = saidAt - clock.now();
    const claims = claimsOf(method, `${origin}${path}`, clock.now() + this.#aheadMs, randomId());
    const signed = `${encoded(HEADER)}.${encoded(claims)}`;
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, new TextEncoder().encode(signed));
    return `${signed}.${base64url(new Uint8Array(signature))}`;
  }
}

const HEADER = { typ: 'dpop+jwt', alg: 'ES256' };

export interface ProofClaims {
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly jti: string;
}

/** What a proof is good for: one request (`htu` has no query), about now, once. */
export function claimsOf(method: string, address: string, now: number, id: string): ProofClaims {
  return { htm: method, htu: address.replace(/[?#].*$/, ''), iat: Math.floor(now / 1_000), jti: id };
}

function encoded(value: unknown): string {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

function base64url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCodePoint(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
