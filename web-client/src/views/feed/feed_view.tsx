import type { ReadonlySignal } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import type { Entry } from '../../model/entry.ts';
import type { LinkState } from '../../model/link_state.ts';
import type { ChannelGrant } from '../../model/session.ts';
import { board, type Story } from '../../model/story.ts';
import { isTalk } from '../../model/team_talk.ts';
import { chosen, everything, unreadByChannel } from '../../model/unread.ts';
import { newSinceLeft } from '../../model/visit.ts';
import type { Waiting } from '../../model/waiting.ts';
import type { ServiceStatus } from '../../protocol/parse_service_status.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { t } from '../../words/app_words.ts';
import { asOfWords } from '../../words/times.ts';
import type { BulletinTools } from '../shared/bulletin_tools.ts';
import { LinkChip } from '../shared/link_chip.tsx';
import { Noticeboard } from '../shared/noticeboard.tsx';
import { showCard } from '../shared/show_card.ts';
import { WaitingNotice } from '../shared/waiting_notice.tsx';
import { WaitingPage } from '../shared/waiting_page.tsx';
import { bulletinFoot, type SavedBulletins } from './bulletin_foot.tsx';
import { ChannelFilter } from './channel_filter.tsx';
import { useFollowedLink } from './follow_link.ts';
import { Pinned } from './pinned.tsx';

export interface FeedViewProps {
  readonly channels: readonly ChannelGrant[];
  readonly feed: ReadonlySignal<FeedSnapshot>;
  readonly service: ReadonlySignal<ServiceStatus>;
  readonly waiting: ReadonlySignal<Waiting | null>;
  readonly now: ReadonlySignal<number>;
  readonly tools: BulletinTools;
  readonly saved: SavedBulletins;
  /** Which bulletin a link leads to, by its id. */
  readonly path?: readonly string[];
}

const NO_LINK: readonly string[] = [];

export function FeedView({ channels, feed, service, waiting, now, tools, saved, path = NO_LINK }: FeedViewProps) {
  const { entries: all, link, visit } = feed.value;
  const entries = useMemo(() => all.filter((entry) => !isTalk(entry)), [all]);
  const items = useMemo(() => board(entries), [entries]);
  const [filter, setFilter] = useState(() => everything(now.value));
  const names = channels.map(({ name }) => name);
  const choose = (channel: string | null): void => setFilter(chosen(filter, channel, names, Date.now()));
  const [wanted, setWanted] = useState<string | null>(path[0] ?? null);
  const read = (story: Story): void => {
    setWanted(story.id);
    if (filter.channel !== null) choose(null);
    showCard(story.current.id);
  };
  useFollowedLink(path, entries, read);
  const place = waiting.value;
  const isInLine = place !== null && entries.length === 0;
  const isSlow = service.value.posture !== 'normal';
  return (
    <>
      <div class="status">
        {!isInLine && <h1 id="feed-title">{t('feed.title')}</h1>}
        <LinkChip link={link} now={now.value} slow={isSlow ? { newestAt: newestOf(entries) } : null} />
      </div>
      <Pinned items={items} now={now.value} tools={tools} read={read} />
      {link.kind === 'offline' && entries.length > 0 && (
        <p class="banner">
          {link.savedAsOf === null ? t('link.explain.offline') : b('offline.as_of', { time: asOfWords(link.savedAsOf, now.value) })}
        </p>
      )}
      {place !== null && !isInLine && <WaitingNotice waiting={place} meanwhile={t('waiting.saved')} />}
      {isInLine ? (
        <WaitingPage waiting={place} />
      ) : entries.length === 0 && isStillComing(link) ? (
        <Away isOffline={link.kind === 'offline'} />
      ) : (
        <>
          {names.length > 1 && (
            <ChannelFilter
              channels={names}
              shown={filter.channel}
              unread={unreadByChannel(items, newSinceLeft(items, visit)?.ids ?? new Set(), filter)}
              choose={choose}
            />
          )}
          <p class="feed-search">
            <a href="#bulletins/search">{t('feed.search')}</a>
          </p>
          <Noticeboard
            entries={entries}
            visit={visit}
            isCatchingUp={link.kind === 'catching-up'}
            now={now.value}
            labelledBy="feed-title"
            tools={tools}
            foot={(id) => bulletinFoot(id, saved)}
            missing={link.kind === 'catching-up' ? link.of - link.done : 0}
            wanted={wanted}
            channel={filter.channel}
          />
        </>
      )}
    </>
  );
}

/** On a page that has nothing yet nothing is shown before it stands, so that nothing jumps. */
function isStillComing({ kind }: LinkState): boolean {
  return kind === 'offline' || kind === 'connecting' || kind === 'catching-up';
}

function newestOf(entries: readonly Entry[]): number | null {
  const newest = entries.find((entry) => entry.kind !== 'gap');
  return newest === undefined ? null : newest.postedAt;
}

function Away({ isOffline }: { isOffline: boolean }) {
  return (
    <div class="empty">
      <h2>{isOffline ? t('feed.unreachable.title') : t('feed.opening')}</h2>
      {isOffline && <p>{t('feed.unreachable.body')}</p>}
    </div>
  );
}
