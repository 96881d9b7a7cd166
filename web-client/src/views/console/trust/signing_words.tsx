import { SIGNING_PROBLEMS } from '../../../model/outbox_item.ts';
import { isOneOf } from '../../../protocol/shape.ts';
import { k } from '../../../words/console/trust_words.ts';
import type { Signs } from './signs.ts';

/** Whether this browser will sign, said before anybody hands anything in. */
export function SigningWords({ signs }: { signs: Signs }) {
  if (signs === 'not-needed') return null;
  return signs === 'can' ? <p class="hint">{k('will.sign')}</p> : <p class="problem">{k(`cannot.${signs}`)}</p>;
}

const REFUSED = ['signature_needed', 'signature_refused', 'statement_differs', 'statement_too_large'] as const;

/** Why something was not signed, or not taken as it was signed. `null`: it was something else. */
export function signingWords(why: unknown): string | null {
  if (isOneOf(SIGNING_PROBLEMS, why)) return k(`cannot.${why}`);
  if (why === 'said_otherwise') return k('cannot.said_otherwise');
  return isOneOf(REFUSED, why) ? k(`refused.${why}`) : null;
}
