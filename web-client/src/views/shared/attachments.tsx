import { useEffect, useState } from 'preact/hooks';
import { labelFor, type Attachment, type Language } from '../../model/bulletin.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { formatNumber } from '../../words/translator.ts';
import type { BulletinTools } from './bulletin_tools.ts';

type Loading =
  | { readonly kind: 'failed' | 'gone' | 'loading' | 'unasked' }
  /** An address in this page's memory. */
  | { readonly kind: 'loaded'; readonly url: string };

export interface AttachmentsProps {
  readonly attachments: readonly Attachment[];
  readonly language: Language;
  readonly tools?: BulletinTools | undefined;
}

/** Each is a button until the reader asks for it: nobody pays for what they do not look at. */
export function Attachments({ attachments, language, tools }: AttachmentsProps) {
  return (
    <ul class="files" aria-label={b('files')}>
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          <File attachment={attachment} language={language} tools={tools} />
        </li>
      ))}
    </ul>
  );
}

function File({ attachment, language, tools }: { attachment: Attachment; language: Language; tools: BulletinTools | undefined }) {
  const [state, setState] = useState<Loading>({ kind: 'unasked' });
  useEffect(() => (state.kind === 'loaded' ? () => URL.revokeObjectURL(state.url) : undefined), [state]);
  const isPicture = attachment.media !== 'application/pdf';
  const kind = b(isPicture ? 'file.picture' : 'file.pdf');
  const label = labelFor(attachment.label, language) ?? kind;
  const load = async (): Promise<void> => {
    if (tools === undefined || state.kind === 'loading') return;
    setState({ kind: 'loading' });
    const answer = await tools.file(attachment.id);
    if (answer.kind === 'failed') return setState({ kind: answer.why === 'attachment_unknown' ? 'gone' : 'failed' });
    // The type that the bulletin names, whatever came: a page of ours runs nothing of it.
    setState({ kind: 'loaded', url: URL.createObjectURL(new Blob([answer.value], { type: attachment.media })) });
  };
  if (state.kind === 'loaded') {
    return isPicture ? (
      <img class="file-picture" src={state.url} alt={label} />
    ) : (
      <a class="button button-quiet" href={state.url} download={`${label}.pdf`}>
        {b('file.save', { label })}
      </a>
    );
  }
  const size = b('file.size', { size: formatNumber(Math.max(1, Math.round(attachment.bytes / 1_000)), language) });
  return (
    <>
      <button type="button" class="button button-quiet" aria-disabled={state.kind === 'loading'} onClick={() => void load()}>
        {state.kind === 'loading' ? b('file.loading', { label }) : b('file.show', { label, kind, size })}
      </button>
      {(state.kind === 'failed' || state.kind === 'gone') && <p role="alert">{b(`file.${state.kind}`)}</p>}
    </>
  );
}
