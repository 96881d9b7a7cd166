import { useState } from 'preact/hooks';
import type { Confirmed, PasskeyFailure } from '../../account/passkeys.ts';
import type { Session } from '../../model/session.ts';
import { j } from '../../words/app/join_words.ts';
import { Asking } from './asking.ts';
import { AskingButton } from './asking_button.tsx';
import { passkeyFailureWords } from './failure_words.ts';

export interface SignInProps {
  readonly signIn: () => Promise<Confirmed>;
  readonly entered: (session: Session) => Promise<void>;
}

/** The way in for who made a passkey on another device, or before this browser forgot them. */
export function SignInByPasskey({ signIn, entered }: SignInProps) {
  const [asking] = useState(() => new Asking());
  return (
    <section class="notice join-code" aria-labelledby="join-passkey">
      <h2 id="join-passkey">{j('passkey.title')}</h2>
      <p>{j('passkey.body')}</p>
      <AskingButton asking={asking} words={j('passkey.button')} act={() => void asking.run(signIn, entered)} why={signInFailureWords} />
    </section>
  );
}

/** Whoever is not signed in is told of the other ways in. */
function signInFailureWords(why: PasskeyFailure): string {
  switch (why) {
    case 'credential_refused':
      return j('passkey.why_sign_in');
    case 'not-shown':
      return j('passkey.why_sign_in_again');
    case 'awaiting_approval':
      return j('passkey.why_waiting');
    case 'not_found':
      return j('passkey.why_none_here');
    default:
      return passkeyFailureWords(why);
  }
}
