import { assertNever } from '../../../model/assert_never.ts';
import { LANGUAGES } from '../../../model/bulletin.ts';
import { ATTACHMENTS_MAX, type DeskAttachment } from '../../../model/desk.ts';
import { w } from '../../../words/console/compose_words.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { ATTACHMENT_TYPES, type Attach, type Attaching } from './attaching.ts';
import type { ComposeModel } from './compose_model.ts';
import { languageWords } from './text_fields.tsx';

/** Files that go with a bulletin, each with what it shows in words. */
export function AttachmentFields({ model, attach }: { model: ComposeModel; attach: Attach }) {
  const { attachments } = model.desk.value;
  const attaching = attach.attaching.value;
  const keep = (attached: DeskAttachment | null): void => {
    if (attached !== null) model.change({ attachments: [...model.desk.value.attachments, attached] });
  };
  const relabel = (id: string, label: DeskAttachment['label']): void =>
    model.change({ attachments: attachments.map((each) => (each.id === id ? { ...each, label } : each)) });
  return (
    <fieldset class="desk-part">
      <legend>{w('files')}</legend>
      {attachments.map((each) => (
        <div class="desk-link" key={each.id} role="group" aria-label={fileWords(each)}>
          <p class="desk-link-url">
            <strong>{fileWords(each)}</strong> <span class="hint">{sizeWords(each.bytes)}</span>
          </p>
          {LANGUAGES.map((language) => (
            <label class="field" key={language}>
              <span class="field-label">{w('file.label_in', { language: languageWords(language) })}</span>
              <input
                type="text"
                lang={language}
                autocomplete="off"
                value={each.label[language]}
                onInput={(event) => relabel(each.id, { ...each.label, [language]: event.currentTarget.value })}
              />
            </label>
          ))}
          <button
            type="button"
            class="button button-quiet"
            onClick={() => model.change({ attachments: attachments.filter(({ id }) => id !== each.id) })}
          >
            {w('file.remove')}
          </button>
        </div>
      ))}
      {attachments.length < ATTACHMENTS_MAX && (
        <label class="field">
          <span class="field-label">{w('file.add')}</span>
          <input
            type="file"
            accept={ATTACHMENT_TYPES.join(',')}
            disabled={attaching.kind === 'sending'}
            aria-describedby="file-hint"
            onChange={(event) => {
              const input = event.currentTarget;
              const file = input.files?.[0];
              if (file === undefined) return;
              void attach.add(file, attachments.length).then((attached) => {
                input.value = '';
                keep(attached);
              });
            }}
          />
        </label>
      )}
      <p class="hint" id="file-hint">
        {w('file.hint')}
      </p>
      <Progress attaching={attaching} again={() => void attach.again().then(keep)} />
    </fieldset>
  );
}

function Progress({ attaching, again }: { attaching: Attaching; again: () => void }) {
  switch (attaching.kind) {
    case 'idle':
      return null;
    case 'sending':
      return (
        <p role="status" class="desk-progress">
          {w('file.sending', { name: attaching.name })} <progress aria-label={w('file.sending', { name: attaching.name })} />
        </p>
      );
    case 'refused':
      return (
        <p class="problem" role="alert">
          {w(`file.refused.${attaching.why}`, { name: attaching.name })}
        </p>
      );
    case 'failed':
      return (
        <p class="problem" role="alert">
          {attaching.why === 'attachment' ? w('file.refused.unreadable', { name: attaching.name }) : failureWords(attaching.why)}{' '}
          <button type="button" class="button button-quiet" onClick={again}>
            {w('file.again')}
          </button>
        </p>
      );
    default:
      return assertNever(attaching);
  }
}

function fileWords({ name, media }: DeskAttachment): string {
  return name === '' ? w(media === 'application/pdf' ? 'file.pdf' : 'file.picture') : name;
}

function sizeWords(bytes: number): string {
  return w('file.size', { kb: formatNumber(Math.max(1, Math.round(bytes / 1024)), language.value) });
}
