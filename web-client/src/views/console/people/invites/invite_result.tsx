import { useEffect, useRef, useState } from 'preact/hooks';
import { saveFile } from '../../../../platform/save_file.ts';
import type { InviteCreated } from '../../../../protocol/api.gen.ts';
import { i } from '../../../../words/console/invites_words.ts';
import { momentWords } from '../../../../words/times.ts';
import { QrCode, qrFile } from '../../../shared/qr_code.tsx';

type Copying = 'copied' | 'failed' | 'idle';

/** The link, this once. On paper it is all that there is. */
export function InviteResult({ invite, now }: { invite: InviteCreated; now: number }) {
  const [copying, setCopying] = useState<Copying>('idle');
  const field = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(invite.link);
      setCopying('copied');
    } catch {
      field.current?.select();
      setCopying('failed');
    }
  };
  const until = momentWords(invite.expires_at_ms, now);
  return (
    <section class="panel invite-result" aria-labelledby="invite-ready">
      <QrCode text={invite.link} label={i('qr')} />
      <div class="invite-words">
        <h2 id="invite-ready" ref={title} tabIndex={-1}>
          {i('ready')}
        </h2>
        <p>{i('ready.body', { time: until })}</p>
        <p class="hint">{i('keys')}</p>
        <label class="field">
          <span class="field-label">{i('link')}</span>
          <input ref={field} type="text" readOnly value={invite.link} onFocus={(event) => event.currentTarget.select()} />
        </label>
        <p class="actions">
          <button type="button" class="button" onClick={() => void copy()}>
            {i('copy')}
          </button>
          <button type="button" class="button button-quiet" onClick={() => saveFile('invite.svg', new Blob([qrFile(invite.link)], { type: 'image/svg+xml' }))}>
            {i('qr.download')}
          </button>
          <button type="button" class="button button-quiet" onClick={() => print()}>
            {i('print')}
          </button>
          <span role="status">
            {copying === 'copied' && i('copied')}
            {copying === 'failed' && i('copy_failed')}
          </span>
        </p>
      </div>
      <div class="on-paper">
        <p class="on-paper-title">{i('print.title')}</p>
        <p>{i('print.how')}</p>
        <p class="mono">{invite.link}</p>
        <p>{i('col.until')}: {until}</p>
      </div>
    </section>
  );
}
