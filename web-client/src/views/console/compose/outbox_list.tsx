import { textFor } from '../../../model/bulletin.ts';
import type { Entry } from '../../../model/entry.ts';
import type { MessageLetter } from '../../../model/letter.ts';
import type { OutboxItem, Receipt, Refusal } from '../../../model/outbox_item.ts';
import { c } from '../../../words/console_words.ts';
import { language } from '../../../words/translator.ts';
import { channelWords } from '../../shared/channel_words.ts';

export interface OutboxListProps {
  readonly items: readonly OutboxItem<MessageLetter>[];
  /** What has been seen arriving. */
  readonly entries: readonly Entry[];
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  readonly takeBack: (item: OutboxItem<MessageLetter>) => void;
}

export function OutboxList({ items, entries, retry, discard, takeBack }: OutboxListProps) {
  const arrived = new Set(entries.map(({ id }) => id));
  return (
    <section class="outbox" aria-labelledby="outbox-title">
      <h2 id="outbox-title">{c('outbox.title')}</h2>
      {items.length === 0 && <p class="hint">{c('outbox.empty')}</p>}
      <ul class="outbox-list" aria-live="polite">
        {[...items].reverse().map((item) => (
          <li key={item.id} class={`outbox-item outbox-${item.state.kind}`}>
            <div class="outbox-words">
              <span class="outbox-headline" lang={textFor(item.letter.bulletin, language.value)?.language}>
                {textFor(item.letter.bulletin, language.value)?.text.title}
              </span>
              <span class="outbox-state">
                <span class="outbox-sign" aria-hidden="true" />
                {channelWords(item.letter.channel)} · {stateWords(item, arrived.has(item.id))}
              </span>
            </div>
            <div class="actions">
              {item.state.kind === 'refused' && (
                <>
                  <button type="button" class="button button-quiet" onClick={() => retry(item.id)}>
                    {c('outbox.again')}
                  </button>
                  <button type="button" class="button button-quiet" onClick={() => takeBack(item)}>
                    {c('outbox.edit')}
                  </button>
                </>
              )}
              {item.state.kind === 'posted' && (
                <button type="button" class="button button-plain" onClick={() => discard(item.id)}>
                  {c('outbox.clear')}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function stateWords({ state }: OutboxItem, hasArrived: boolean): string {
  switch (state.kind) {
    case 'waiting':
      return c('outbox.waiting');
    case 'sending':
      return c('outbox.sending');
    case 'posted':
      return postedWords(state, hasArrived);
    case 'refused':
      return refusalWords(state.code);
  }
}

function postedWords({ position, isDurable }: Receipt, hasArrived: boolean): string {
  const posted = c(hasArrived ? 'outbox.seen' : 'outbox.posted', { offset: position?.offset ?? 0 });
  return isDurable ? posted : `${posted}. ${c('outbox.not_durable')}`;
}

/** Numbers as the Centrifuge protocol gives them. */
function refusalWords(code: Refusal): string {
  switch (code) {
    case 102:
    case 103:
      return c('outbox.refused.not_allowed');
    case 107:
      return c('outbox.refused.invalid');
    case 104:
    case 108:
      return c('outbox.refused.unavailable');
    default:
      return c('outbox.refused.other', { code });
  }
}
