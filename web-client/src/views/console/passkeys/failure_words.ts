import type { PasskeyFailure } from '../../../account/passkeys.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { failureWords } from '../../shared/failure_words.ts';

/** Why there is no passkey, and what next. */
export function passkeyFailureWords(why: PasskeyFailure): string {
  switch (why) {
    case 'bare-address':
      return k('why.bare_address');
    case 'insecure':
      return k('why.insecure');
    case 'unsupported':
      return k('why.unsupported');
    case 'cancelled':
      return k('why.cancelled');
    case 'not-shown':
      return k('why.not_shown');
    case 'timed-out':
      return k('why.timed_out');
    case 'already-there':
      return k('why.already_there');
    case 'other-name':
      return k('why.other_name');
    case 'failed':
      return k('why.failed');
    case 'ceremony_unknown':
      return k('why.ceremony');
    case 'credential_cloned':
    case 'credential_refused':
    case 'passkey_unknown':
      return k('why.refused');
    case 'no_passkey':
    case 'registration_closed':
      return k('make.late');
    case 'recovery_unknown':
      return k('why.code');
    case 'too_many_passkeys':
      return k('why.too_many');
    case 'proof_needed':
      return k('why.proof');
    default:
      return failureWords(why);
  }
}
