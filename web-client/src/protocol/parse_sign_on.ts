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

/** What came of having an account there sign one in, as the service says it in the address. */
const LINK_OUTCOMES = ['linked', 'taken', 'has_one', 'away', 'busy', 'cancelled', 'expired', 'refused'] as const;

export type LinkOutcome = (typeof LINK_OUTCOMES)[number];

export function parseLinkOutcome(word: string | null): LinkOutcome | null {
  if (word === null) return null;
  return isOneOf(LINK_OUTCOMES, word) ? word : 'refused';
}

/** A word from a later version is a refusal too. */
export function parseSignOnRefusal(word: string | null): SignOnRefusal | null {
  if (word === null) return null;
  return isOneOf(SIGN_ON_REFUSALS, word) ? word : 'refused';
}
