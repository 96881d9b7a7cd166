import '../../../styles/console/passkeys.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Passkeys } from '../../../account/passkeys.ts';
import type { Session } from '../../../model/session.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { Asking } from '../../passkeys/asking.ts';
import { AskingButton } from '../../passkeys/asking_button.tsx';

export interface StepUpDialogProps {
  readonly passkeys: Passkeys;
  readonly confirmed: (session: Session) => void;
  readonly answer: (isConfirmed: boolean) => void;
}

/** Asks over whatever page wanted it. Closed without an answer it is a no, and what wanted it says so itself. */
export function StepUpDialog({ passkeys, confirmed, answer }: StepUpDialogProps) {
  const [asking] = useState(() => new Asking());
  const dialog = useRef<HTMLDialogElement>(null);
  const isConfirmed = useRef(false);
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = async (): Promise<void> => {
    await asking.run(async () => passkeys.confirm('step_up'), confirmed);
    if (asking.state.value.kind !== 'done') return;
    // Closed, and not only taken away, it gives the focus back to where it was.
    isConfirmed.current = true;
    dialog.current?.close();
  };
  return (
    <dialog ref={dialog} class="step-up" aria-labelledby="step-up-title" onClose={() => answer(isConfirmed.current)}>
      <h2 id="step-up-title">{k('step.title')}</h2>
      <p>{k('step.body')}</p>
      <AskingButton asking={asking} words={k('confirm.button')} act={() => void confirm()}>
        <button type="button" class="button button-quiet" onClick={() => dialog.current?.close()}>
          {k('step.not_now')}
        </button>
      </AskingButton>
    </dialog>
  );
}
