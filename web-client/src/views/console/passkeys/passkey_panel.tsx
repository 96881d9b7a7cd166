import '../../../styles/console/invites.css';
import '../../../styles/console/passkeys.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../../account/api.ts';
import type { People } from '../../../account/people.ts';
import type { PasskeyRecovery } from '../../../protocol/api.gen.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { QrCode } from '../../shared/qr_code.tsx';
import { AsksFirst } from '../shared/asks_first.tsx';

export interface PasskeyPanelProps {
  /** Whose. */
  readonly id: string;
  readonly isMe: boolean;
  readonly people: Pick<People, 'recoverPasskey'>;
  readonly now: number;
}

/** For an organiser who has lost their passkey: another admin makes them a link. */
export function PasskeyPanel({ id, isMe, people, now }: PasskeyPanelProps) {
  const [answer, setAnswer] = useState<ApiAnswer<PasskeyRecovery> | null>(null);
  const [isWorking, setWorking] = useState(false);
  const make = async (): Promise<void> => {
    setWorking(true);
    setAnswer(await people.recoverPasskey(id));
    setWorking(false);
  };
  return (
    <section class="panel passkey-give" aria-labelledby="passkey-title">
      <h2 id="passkey-title">{k('give.title')}</h2>
      {isMe ? (
        <p class="hint">{k('give.own')}</p>
      ) : (
        <>
          <p>{k('give.about')}</p>
          <AsksFirst
            label={k('give.button')}
            question={k('give.sure')}
            yes={k('give.yes')}
            no={k('account.no')}
            isDisabled={isWorking}
            act={() => void make()}
          />
        </>
      )}
      {answer?.kind === 'failed' && (
        <p class="problem" role="alert">
          {answer.why === 'own_recovery' ? k('give.own') : failureWords(answer.why)}
        </p>
      )}
      {answer?.kind === 'ok' && <RecoveryLink recovery={answer.value} now={now} />}
    </section>
  );
}

/** The link, this once. */
function RecoveryLink({ recovery: { link, expires_at_ms: expiresAt }, now }: { recovery: PasskeyRecovery; now: number }) {
  const [copying, setCopying] = useState<'copied' | 'failed' | 'idle'>('idle');
  const field = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopying('copied');
    } catch {
      field.current?.select();
      setCopying('failed');
    }
  };
  return (
    <div class="invite-result">
      <QrCode text={link} label={k('give.qr')} />
      <div class="invite-words">
        <h3 ref={title} tabIndex={-1}>
          {k('give.ready')}
        </h3>
        <p>{k('give.ready.body', { time: momentWords(expiresAt, now) })}</p>
        <label class="field">
          <span class="field-label">{k('give.link')}</span>
          <input ref={field} type="text" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <p class="actions">
          <button type="button" class="button" onClick={() => void copy()}>
            {k('give.copy')}
          </button>
          <span role="status">
            {copying === 'copied' && k('give.copied')}
            {copying === 'failed' && k('give.copy_failed')}
          </span>
        </p>
      </div>
    </div>
  );
}
