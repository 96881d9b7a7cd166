import { isOneOf, isRecord } from './shape.ts';

/** What people call the campaign's own sign-on; nothing where there is none. */
export function parseSignOn(body: unknown): string | null {
  if (!isRecord(body) || !isRecord(body['oidc'])) return null;
  const { name } = body['oidc'];
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Why the sign-on let nobody in, as the service says it in the address. */
export const SIGN_ON_REFUSALS = ['away', 'busy', 'cancelled', 'expired', 'no_invite', 'no_role', 'refused', 'waiting'] as const;

export type SignOnRefusal = (typeof SIGN_ON_REFUSALS)[number];

/** A word from a later version is a refusal too. */
export function parseSignOnRefusal(word: string | null): SignOnRefusal | null {
  if (word === null) return null;
  return isOneOf(SIGN_ON_REFUSALS, word) ? word : 'refused';
}
