import { parseSignOn } from '../protocol/parse_sign_on.ts';
import type { Http } from './http.ts';

/** Where a browser begins to sign in with the campaign's own sign-on, and comes back to. */
export function signOnAddress(page: '/' | '/console'): string {
  return `/v1/oidc/start?return=${page}`;
}

/** What people call the campaign's own sign-on; nothing where there is none, or where nobody answers. */
export async function askSignOn(http: Http): Promise<string | null> {
  const answer = await http({ method: 'GET', path: '/v1/sign-on' });
  return answer.kind === 'ok' ? parseSignOn(answer.body) : null;
}
