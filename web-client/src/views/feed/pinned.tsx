import { hasExpired, isBulletinId, isUrgent, textFor } from '../../model/bulletin.ts';
import { markdown, plainText } from '../../model/markdown.ts';
import type { BoardItem, Story } from '../../model/story.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { t } from '../../words/app_words.ts';
import { language } from '../../words/translator.ts';
import type { BulletinTools } from '../shared/bulletin_tools.ts';

/** More than these would push everything else out of sight. */
const MAX_PINNED = 3;

export interface PinnedProps {
  readonly items: readonly BoardItem[];
  readonly now: number;
  readonly tools: BulletinTools;
  readonly read: (story: Story) => void;
}

/** What is urgent stays above everything until the reader says that they have seen it, or it is over. */
export function Pinned({ items, now, tools, read }: PinnedProps) {
  const pinned = items.filter((item): item is Story => item.kind === 'bulletin' && asksToBeSeen(item, now, tools));
  const more = pinned.length - MAX_PINNED;
  return (
    <div role="alert">
      {pinned.length > 0 && (
        <section class="pinned" aria-label={b('pinned')}>
          <p class="pinned-head">
            <span class="badge badge-urgent">{t('kind.alert')}</span> {b('pinned.head')}
          </p>
          {pinned.slice(0, MAX_PINNED).map((story) => (
            <Pin key={story.id} story={story} tools={tools} read={read} />
          ))}
          {more > 0 && <p class="card-hint">{b.counted('pinned.more', more)}</p>}
        </section>
      )}
    </div>
  );
}

function Pin({ story, tools, read }: { story: Story } & Pick<PinnedProps, 'read' | 'tools'>) {
  const { bulletin } = story.current;
  const shown = textFor(bulletin, language.value);
  if (shown === null) return null;
  return (
    <div class="pin">
      {tools.mark?.(story, true)}
      <div lang={shown.language}>
        <p class="pin-title">{shown.text.title}</p>
        <p class="pin-body">{plainText(markdown(shown.text.body))}</p>
      </div>
      <p class="actions">
        <button type="button" class="button" onClick={() => tools.acknowledge(bulletin.id)}>
          {b('seen.button')}
        </button>
        <button type="button" class="button button-quiet" onClick={() => read(story)}>
          {b('pinned.read')}
        </button>
      </p>
    </div>
  );
}

function asksToBeSeen({ current, withdrawal }: Story, now: number, tools: BulletinTools): boolean {
  const { bulletin } = current;
  if (!isUrgent(bulletin) || !isBulletinId(bulletin.id) || withdrawal !== null) return false;
  return !hasExpired(bulletin, now) && !tools.isAcknowledged(bulletin.id);
}
