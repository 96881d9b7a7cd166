import type { PasskeyFailure } from '../../account/passkeys.ts';
import { y } from '../../words/app/ceremony_words.ts';
import { failureWords } from '../shared/failure_words.ts';

/** Why there is no passkey, and what next. */
export function passkeyFailureWords(why: PasskeyFailure): string {
  switch (why) {
    case 'bare-address':
      return y('why.bare_address');
    case 'insecure':
      return y('why.insecure');
    case 'unsupported':
      return y('why.unsupported');
    case 'cancelled':
      return y('why.cancelled');
    case 'not-shown':
      return y('why.not_shown');
    case 'timed-out':
      return y('why.timed_out');
    case 'already-there':
      return y('why.already_there');
    case 'other-name':
      return y('why.other_name');
    case 'failed':
      return y('why.failed');
    case 'ceremony_unknown':
      return y('why.ceremony');
    case 'credential_cloned':
    case 'credential_refused':
    case 'passkey_unknown':
      return y('why.refused');
    case 'no_passkey':
    case 'registration_closed':
      return y('why.late');
    case 'recovery_unknown':
      return y('why.code');
    case 'too_many_passkeys':
      return y('why.too_many');
    case 'proof_needed':
      return y('why.proof');
    default:
      return failureWords(why);
  }
}
