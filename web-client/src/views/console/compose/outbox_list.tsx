import { assertNever } from '../../../model/assert_never.ts';
import type { BulletinLetter } from '../../../model/letter.ts';
import type { OutboxItem, Refusal } from '../../../model/outbox_item.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/compose_words.ts';
import { language } from '../../../words/translator.ts';
import { signingWords } from '../trust/signing_words.tsx';
import { stateWords } from '../bulletins/state_words.ts';

export interface OutboxListProps {
  readonly items: readonly OutboxItem<BulletinLetter>[];
  /** What the service has become of one, if that is known. */
  readonly find: (id: string) => Bulletin | null;
  readonly now: number;
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  readonly takeBack: (item: OutboxItem<BulletinLetter>) => void;
}

/** The way of each that was handed over: kept here, then what the service says that became of it. */
export function OutboxList({ items, find, now, retry, discard, takeBack }: OutboxListProps) {
  return (
    <section class="outbox" aria-labelledby="outbox-title">
      <h2 id="outbox-title">{w('outbox')}</h2>
      {items.length === 0 && <p class="hint">{w('outbox.empty')}</p>}
      <ul class="outbox-list" aria-live="polite">
        {[...items].reverse().map((item) => {
          const id = item.letter.draft?.id ?? item.id;
          return (
            <li key={item.id} class={`outbox-item outbox-${item.state.kind}`}>
              <div class="outbox-words">
                <Headline letter={item.letter} />
                <span class="outbox-state">
                  <span class="outbox-sign" aria-hidden="true" />
                  {wayWords(item, find(id), now)}
                </span>
              </div>
              <div class="actions">
                {item.state.kind === 'refused' && (
                  <>
                    {item.letter.draft !== null && (
                      <a class="button button-quiet" href={`#bulletins/${id}`}>
                        {w('outbox.look')}
                      </a>
                    )}
                    <button type="button" class="button button-quiet" onClick={() => retry(item.id)}>
                      {w('outbox.again')}
                    </button>
                    <button type="button" class="button button-quiet" onClick={() => takeBack(item)}>
                      {w('outbox.back')}
                    </button>
                  </>
                )}
                {item.state.kind === 'posted' && (
                  <>
                    <a class="button button-quiet" href={`#bulletins/${id}`}>
                      {w('outbox.look')}
                    </a>
                    <button type="button" class="button button-plain" onClick={() => discard(item.id)}>
                      {w('outbox.clear')}
                    </button>
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Headline({ letter: { content } }: { letter: BulletinLetter }) {
  const shown = content.texts[language.value] === undefined ? Object.keys(content.texts)[0] : language.value;
  return (
    <span class="outbox-headline">
      {content.kind === 'test' && <span class="badge badge-test">{w('test')}</span>}{' '}
      <span lang={shown}>{content.texts[shown ?? '']?.title}</span>
    </span>
  );
}

function wayWords({ state }: OutboxItem<BulletinLetter>, bulletin: Bulletin | null, now: number): string {
  switch (state.kind) {
    case 'waiting':
      return w('outbox.waiting');
    case 'sending':
      return w('outbox.sending');
    case 'posted':
      return bulletin === null ? w('outbox.handed') : stateWords(bulletin, now);
    case 'refused':
      return refusalWords(state.code);
    default:
      return assertNever(state);
  }
}

function refusalWords(code: Refusal): string {
  const signing = signingWords(code);
  if (signing !== null) return signing;
  switch (code) {
    case 'step_up_needed':
      return w('refused.step_up');
    case 'forbidden':
      return w('refused.forbidden');
    case 'bulletin_content':
    case 'bad_request':
      return w('refused.content');
    case 'attachment_unknown':
      return w('refused.attachment');
    case 'bulletin_expired':
      return w('refused.expired');
    case 'language_missing':
      return w('refused.language');
    case 'changed_meanwhile':
      return w('refused.changed');
    case 'bulletin_state':
    case 'bulletin_unknown':
      return w('refused.state');
    case 'audience_of_correction':
      return w('refused.audience');
    case 'id_reused':
      return w('refused.reused');
    default:
      return w('refused.other', { code });
  }
}
