import type { ReadonlySignal } from '@preact/signals';
import { mayOrganise, type Member } from '../../model/session.ts';
import type { Waiting } from '../../model/waiting.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import { t } from '../../words/app_words.ts';
import { LinkChip } from '../shared/link_chip.tsx';
import { Noticeboard } from '../shared/noticeboard.tsx';
import { WaitingNotice } from '../shared/waiting_notice.tsx';
import { WaitingPage } from '../shared/waiting_page.tsx';
import { DeviceCard } from './device_card.tsx';
import { ServiceCard } from './service_card.tsx';

export interface FeedViewProps {
  readonly member: Member;
  readonly feed: ReadonlySignal<FeedSnapshot>;
  readonly waiting: ReadonlySignal<Waiting | null>;
  readonly now: ReadonlySignal<number>;
  readonly sayItIsSlow: () => Promise<boolean>;
  readonly signOut: () => Promise<boolean>;
}

export function FeedView({ member, feed, waiting, now, sayItIsSlow, signOut }: FeedViewProps) {
  const { entries, link, visit } = feed.value;
  const place = waiting.value;
  const isInLine = place !== null && entries.length === 0;
  const isEmptyAndAway = entries.length === 0 && (link.kind === 'offline' || link.kind === 'connecting');
  return (
    <>
      <div class="status">
        {!isInLine && <h1 id="feed-title">{t('feed.title')}</h1>}
        <LinkChip link={link} now={now.value} />
      </div>
      {link.kind === 'offline' && entries.length > 0 && <p class="banner">{t('link.explain.offline')}</p>}
      {place !== null && !isInLine && <WaitingNotice waiting={place} meanwhile={t('waiting.saved')} />}
      {isInLine ? (
        <WaitingPage waiting={place} />
      ) : isEmptyAndAway ? (
        <Away isOffline={link.kind === 'offline'} />
      ) : (
        <Noticeboard
          entries={entries}
          visit={visit}
          isCatchingUp={link.kind === 'catching-up'}
          now={now.value}
          labelledBy="feed-title"
        />
      )}
      <ServiceCard sayItIsSlow={sayItIsSlow} />
      <DeviceCard member={member} showConsole={mayOrganise(member)} signOut={signOut} />
    </>
  );
}

function Away({ isOffline }: { isOffline: boolean }) {
  return (
    <div class="empty">
      <h2>{isOffline ? t('feed.unreachable.title') : t('feed.opening')}</h2>
      {isOffline && <p>{t('feed.unreachable.body')}</p>}
    </div>
  );
}
