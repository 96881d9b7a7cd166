import '../../../styles/console/passkeys.css';
import { useEffect, useState } from 'preact/hooks';
import type { Passkeys } from '../../../account/passkeys.ts';
import type { Gate } from '../../../model/passkey_gate.ts';
import type { Session } from '../../../model/session.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { NoticePage } from '../../shared/notice_page.tsx';
import { Asking } from '../../passkeys/asking.ts';
import { AskingButton } from '../../passkeys/asking_button.tsx';
import { passkeyName } from '../../passkeys/passkey_name.ts';

export interface GatePageProps {
  readonly gate: Exclude<Gate, 'open'>;
  readonly passkeys: Passkeys;
  readonly confirmed: (session: Session) => Promise<void>;
  /** Asks the service how it stands now. */
  readonly look: () => void;
}

/** The one thing to do before the console opens. */
export function GatePage({ gate, passkeys, confirmed, look }: GatePageProps) {
  const [asking] = useState(() => new Asking());
  useEffect(() => {
    // In another tab of this browser it may have been done meanwhile.
    const seen = (): void => void (document.visibilityState === 'visible' && look());
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [look]);
  const make = (): void => void asking.run(async () => passkeys.makeFirst(passkeyName(navigator.userAgent)), confirmed);
  const confirm = (): void => void asking.run(async () => passkeys.confirm('sign_in'), confirmed);
  switch (gate) {
    case 'make':
      return (
        <NoticePage title={k('make.title')}>
          <p class="lead">{k('make.lead')}</p>
          <ul class="points">
            <li>{k('make.how')}</li>
            <li>{k('make.when')}</li>
            <li>{k('make.lost')}</li>
          </ul>
          <AskingButton asking={asking} words={k('make.button')} act={make} />
        </NoticePage>
      );
    case 'confirm':
      return (
        <NoticePage title={k('confirm.title')}>
          <p class="lead">{k('confirm.lead')}</p>
          <AskingButton asking={asking} words={k('confirm.button')} act={confirm} />
          <p class="hint">{k('confirm.lost')}</p>
          <Reading />
        </NoticePage>
      );
    case 'locked':
      return (
        <NoticePage title={k('locked.title')}>
          <p class="lead">{k('locked.lead')}</p>
          <p>{k('locked.again')}</p>
          <AskingButton asking={asking} words={k('confirm.button')} act={confirm} />
        </NoticePage>
      );
  }
}

function Reading() {
  return (
    <p>
      <a class="standing-link" href="/">
        {k('read')}
      </a>
    </p>
  );
}
