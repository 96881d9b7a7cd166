import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { assertNever } from '../../model/assert_never.ts';
import type { Entry } from '../../model/entry.ts';
import { board, type BoardItem, type Note } from '../../model/story.ts';
import { channelsOfItem } from '../../model/unread.ts';
import { newSinceLeft, type Visit } from '../../model/visit.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { t } from '../../words/app_words.ts';
import { asOfWords, momentWords } from '../../words/times.ts';
import { language } from '../../words/translator.ts';
import { BulletinCard } from './bulletin_card.tsx';
import type { BulletinTools } from './bulletin_tools.ts';
import { Mark } from './mark.tsx';
import { showCard } from './show_card.ts';
import { titleWords } from './title_words.ts';

export interface NoticeboardProps {
  /** Newest first. */
  readonly entries: readonly Entry[];
  readonly visit: Visit;
  readonly isCatchingUp: boolean;
  readonly now: number;
  readonly labelledBy: string;
  readonly tools?: BulletinTools;
  /** What else readers can do about a bulletin, by the id of its first version. */
  readonly foot?: (bulletinId: string) => ComponentChildren;
  /** How many of those that were missed are still to come. */
  readonly missing?: number;
  /** The first version of a bulletin that is to be on the page, however old it is. */
  readonly wanted?: string | null;
  /** Only what is of this channel; `null`: all. */
  readonly channel?: string | null;
}

/** More than this many at once makes an old phone stutter. */
const PAGE = 50;

export function Noticeboard(props: NoticeboardProps) {
  const { entries, visit, isCatchingUp, now, labelledBy, tools, foot, missing = 0, wanted = null, channel = null } = props;
  const [asked, setAsked] = useState(PAGE);
  const items = useMemo(() => {
    const all = board(entries);
    return channel === null ? all : all.filter((item) => channelsOfItem(item).includes(channel));
  }, [entries, channel]);
  const fresh = newSinceLeft(items, visit);
  const visible = Math.max(asked, wanted === null ? 0 : items.findIndex(({ id }) => id === wanted) + 1);
  const older = items.length - visible;
  const goTo = (note: Note): void => {
    setAsked(Math.max(visible, items.indexOf(note.story) + 1));
    showCard(note.story.current.id);
  };
  return (
    <div class="noticeboard">
      <div role="log" aria-labelledby={labelledBy} aria-busy={isCatchingUp}>
        {items.length === 0 && !isCatchingUp && <EmptyBoard />}
        {items.slice(0, visible).flatMap((item, index) => [
          item.id === fresh?.firstId && (
            <p class="line line-new" key="new">
              {t.counted('feed.new_since_left', fresh.ids.size)}
            </p>
          ),
          <Item key={item.id} item={item} now={now} tools={tools} foot={foot} missing={missing} goTo={goTo} />,
          item.id === fresh?.lastId && index < items.length - 1 && (
            <p class="line" key="earlier">
              {t('feed.earlier')}
            </p>
          ),
        ])}
      </div>
      {older > 0 && (
        <button type="button" class="button button-quiet" onClick={() => setAsked(visible + PAGE)}>
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

interface ItemProps {
  readonly item: BoardItem;
  readonly now: number;
  readonly tools: BulletinTools | undefined;
  readonly foot: NoticeboardProps['foot'] | undefined;
  readonly missing: number;
  readonly goTo: (note: Note) => void;
}

function Item({ item, now, tools, foot, missing, goTo }: ItemProps) {
  switch (item.kind) {
    case 'bulletin':
      return (
        <BulletinCard
          bulletin={item.current.bulletin}
          channel={item.first.channel}
          language={language.value}
          time={momentWords(item.first.postedAt, now)}
          dateTime={new Date(item.first.postedAt).toISOString()}
          story={{ story: item, now }}
          tools={tools}
          foot={foot?.(item.id)}
        />
      );
    case 'note':
      return (
        <p class="aside aside-note">
          {b(`note.${item.what}`, { time: asOfWords(item.entry.postedAt, now) })}{' '}
          <button type="button" class="button-link" onClick={() => goTo(item)}>
            {titleWords(item.story.current.bulletin, language.value)}
          </button>
        </p>
      );
    case 'unreadable':
      return <p class="aside">{t('feed.unreadable')}</p>;
    case 'gap':
      return <p class="aside aside-gap">{missing > 0 ? b.counted('gap.fetching', missing) : t('feed.gap')}</p>;
    default:
      return assertNever(item);
  }
}
