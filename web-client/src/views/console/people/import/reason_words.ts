import { m } from '../../../../words/console/import_words.ts';
import { REPEATED } from './import_model.ts';

const KEYS = {
  'the row does not have the columns of the first line, or is not UTF-8': 'why.form',
  'a role is one of activist, observer, sender, approver, admin': 'why.role',
  [REPEATED]: 'why.repeated',
  'the row has no reference': 'why.no_reference',
  'a name or reference has at most 128 bytes': 'why.too_long',
  'a name or reference has no control characters': 'why.control',
  'a member has at least one role': 'why.no_role',
  'a region or team is 1 to 64 of A-Z a-z 0-9 . _ -, and there are at most 32': 'why.label',
} as const;

/** Why a row was not taken, in the reader's language; as the service says it where it says something new. */
export function reasonWords(reason: string): string {
  return isKnown(reason) ? m(KEYS[reason]) : reason;
}

function isKnown(reason: string): reason is keyof typeof KEYS {
  return Object.hasOwn(KEYS, reason);
}
