import '../../../styles/console/passkeys.css';
import { useState } from 'preact/hooks';
import type { Passkeys } from '../../../account/passkeys.ts';
import type { Session } from '../../../model/session.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { NoticePage } from '../../shared/notice_page.tsx';
import { Asking } from '../../passkeys/asking.ts';
import { AskingButton } from '../../passkeys/asking_button.tsx';
import { passkeyName } from '../../passkeys/passkey_name.ts';

export interface RecoverPageProps {
  readonly code: string;
  readonly passkeys: Passkeys;
  readonly confirmed: (session: Session) => Promise<void>;
  /** To the console, as whoever this device is. */
  readonly leave: () => void;
}

/** `#recover/CODE`: for who lost their passkey, by another admin's link, whoever this device was before. */
export function RecoverPage({ code, passkeys, confirmed, leave }: RecoverPageProps) {
  const [asking] = useState(() => new Asking());
  return (
    <NoticePage title={k('recover.title')}>
      <p class="lead">{k('recover.lead')}</p>
      <ul class="points">
        <li>{k('recover.this')}</li>
        <li>{k('recover.others')}</li>
        <li>{k('make.how')}</li>
      </ul>
      <AskingButton
        asking={asking}
        words={k('recover.button')}
        act={() => void asking.run(async () => passkeys.recover(passkeyName(navigator.userAgent), code), confirmed)}
      />
      <p>
        <button type="button" class="button button-plain" onClick={leave}>
          {k('recover.back')}
        </button>
      </p>
    </NoticePage>
  );
}
