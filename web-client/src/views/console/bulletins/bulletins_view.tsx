import type { FeedSnapshot } from '../../../sync/feed.ts';
import { t } from '../../../words/app_words.ts';
import { Noticeboard } from '../../shared/noticeboard.tsx';

export function BulletinsView({ feed, now }: { feed: FeedSnapshot; now: number }) {
  return (
    <>
      <h1 id="bulletins-title">{t('feed.title')}</h1>
      <Noticeboard
        entries={feed.entries}
        visit={feed.visit}
        isCatchingUp={feed.link.kind === 'catching-up'}
        now={now}
        labelledBy="bulletins-title"
      />
    </>
  );
}
