import { useRef, useState } from 'preact/hooks';
import type { CreatedInvite } from '../../../../protocol/parse_invite.ts';
import { c } from '../../../../words/console_words.ts';
import { momentWords } from '../../../../words/times.ts';
import { QrCode } from './qr_code.tsx';

type Copying = 'copied' | 'failed' | 'idle';

export function InviteResult({ invite, now }: { invite: CreatedInvite; now: number }) {
  const [copying, setCopying] = useState<Copying>('idle');
  const field = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(invite.link);
      setCopying('copied');
    } catch {
      field.current?.select();
      setCopying('failed');
    }
  };
  return (
    <section class="panel invite-result" aria-labelledby="invite-ready" aria-live="polite">
      <QrCode text={invite.link} label={c('invites.qr')} />
      <div class="invite-words">
        <h2 id="invite-ready">{c('invites.ready')}</h2>
        <p>{c('invites.ready.body', { time: momentWords(invite.expiresAt, now) })}</p>
        <label class="field">
          <span class="field-label">{c('invites.link')}</span>
          <input ref={field} type="text" readOnly value={invite.link} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <p class="actions">
          <button type="button" class="button" onClick={() => void copy()}>
            {c('invites.copy')}
          </button>
          <span role="status">
            {copying === 'copied' && c('invites.copied')}
            {copying === 'failed' && c('invites.copy_failed')}
          </span>
        </p>
      </div>
    </section>
  );
}
