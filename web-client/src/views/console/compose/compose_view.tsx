import type { ReadonlySignal } from '@preact/signals';
import type { Entry } from '../../../model/entry.ts';
import { LANGUAGES } from '../../../model/bulletin.ts';
import type { DraftProblem } from '../../../model/draft.ts';
import type { MessageLetter } from '../../../model/letter.ts';
import type { OutboxItem } from '../../../model/outbox_item.ts';
import { c } from '../../../words/console_words.ts';
import { channelWords } from '../../shared/channel_words.ts';
import type { ComposeModel } from './compose_model.ts';
import { DraftFields, languageWords } from './draft_fields.tsx';
import { OutboxList } from './outbox_list.tsx';
import { PhonePreview } from './phone_preview.tsx';

export interface ComposeViewProps {
  readonly model: ComposeModel;
  readonly channels: readonly string[];
  readonly outbox: ReadonlySignal<readonly OutboxItem<MessageLetter>[]>;
  readonly entries: readonly Entry[];
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
}

export function ComposeView({ model, channels, outbox, entries, retry, discard }: ComposeViewProps) {
  const draft = model.draft.value;
  const channel = channels.includes(draft.channel) ? draft.channel : (channels[0] ?? '');
  const problem = model.problem.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.post(channel);
  };
  const takeBack = (item: OutboxItem<MessageLetter>): void => {
    model.takeBack(item);
    discard(item.id);
  };
  return (
    <div class="compose">
      <form class="compose-form" onSubmit={submit} noValidate aria-labelledby="compose-title">
        <h1 id="compose-title">{c('compose.title')}</h1>
        <label class="field">
          <span class="field-label">{c('compose.channel')}</span>
          <select value={channel} onChange={(event) => model.address(event.currentTarget.value)}>
            {channels.map((name) => (
              <option key={name} value={name}>
                {channelWords(name)}
              </option>
            ))}
          </select>
        </label>
        <div class="compose-languages">
          {LANGUAGES.map((each) => (
            <DraftFields
              key={each}
              language={each}
              text={draft.texts[each]}
              isOptional={each === 'cy'}
              write={(change) => model.write(each, change)}
            />
          ))}
        </div>
        {problem !== null && (
          <p class="problem" role="alert">
            {problemWords(problem)}
          </p>
        )}
        <div class="actions compose-actions">
          <button type="submit" class="button">
            {c('compose.post_to', { channel: channelWords(channel) })}
          </button>
          {!model.isBlank.value && (
            <>
              <span class="hint">{c('compose.draft_kept')}</span>
              <button type="button" class="button button-quiet" onClick={() => model.clear()}>
                {c('compose.clear')}
              </button>
            </>
          )}
        </div>
      </form>
      <PhonePreview draft={draft} channel={channel} />
      <OutboxList items={outbox.value} entries={entries} retry={retry} discard={discard} takeBack={takeBack} />
    </div>
  );
}

function problemWords(problem: DraftProblem): string {
  switch (problem.kind) {
    case 'empty':
      return c('compose.problem.empty');
    case 'half-written':
      return c('compose.problem.half', { language: languageWords(problem.language) });
    case 'too-long':
      return c('compose.problem.long', { language: languageWords(problem.language) });
  }
}
