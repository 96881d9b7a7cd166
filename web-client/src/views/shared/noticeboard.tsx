import { useState } from 'preact/hooks';
import { assertNever } from '../../model/assert_never.ts';
import type { Entry } from '../../model/entry.ts';
import { newSinceLeft, type Visit } from '../../model/visit.ts';
import { t } from '../../words/app_words.ts';
import { momentWords } from '../../words/times.ts';
import { language } from '../../words/translator.ts';
import { BulletinCard } from './bulletin_card.tsx';
import { Mark } from './mark.tsx';

export interface NoticeboardProps {
  /** Newest first. */
  readonly entries: readonly Entry[];
  readonly visit: Visit;
  readonly isCatchingUp: boolean;
  readonly now: number;
  readonly labelledBy: string;
}

/** More than this many at once makes an old phone stutter. */
const PAGE = 50;

export function Noticeboard({ entries, visit, isCatchingUp, now, labelledBy }: NoticeboardProps) {
  const [visible, setVisible] = useState(PAGE);
  const fresh = newSinceLeft(entries, visit);
  const older = entries.length - visible;
  return (
    <div class="noticeboard">
      <div role="log" aria-labelledby={labelledBy} aria-busy={isCatchingUp}>
        {entries.length === 0 && !isCatchingUp && <EmptyBoard />}
        {entries.slice(0, visible).flatMap((entry, index) => [
          entry.id === fresh?.firstId && (
            <p class="line line-new" key="new">
              {t.counted('feed.new_since_left', fresh.ids.size)}
            </p>
          ),
          <Item key={entry.id} entry={entry} now={now} />,
          entry.id === fresh?.lastId && index < entries.length - 1 && (
            <p class="line" key="earlier">
              {t('feed.earlier')}
            </p>
          ),
        ])}
      </div>
      {older > 0 && (
        <button type="button" class="button button-quiet" onClick={() => setVisible(visible + PAGE)}>
          {t.counted('feed.older', Math.min(older, PAGE))}
        </button>
      )}
    </div>
  );
}

function EmptyBoard() {
  return (
    <div class="empty">
      <Mark />
      <h2>{t('feed.empty.title')}</h2>
      <p>{t('feed.empty.body')}</p>
    </div>
  );
}

function Item({ entry, now }: { entry: Entry; now: number }) {
  switch (entry.kind) {
    case 'bulletin':
      return (
        <BulletinCard
          bulletin={entry.bulletin}
          channel={entry.channel}
          language={language.value}
          time={momentWords(entry.postedAt, now)}
          dateTime={new Date(entry.postedAt).toISOString()}
        />
      );
    case 'unreadable':
      return <p class="aside">{t('feed.unreadable')}</p>;
    case 'gap':
      return <p class="aside aside-gap">{t('feed.gap')}</p>;
    default:
      return assertNever(entry);
  }
}
