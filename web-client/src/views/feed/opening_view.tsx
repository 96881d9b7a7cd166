import type { LinkState } from '../../model/link_state.ts';
import type { Waiting } from '../../model/waiting.ts';
import { t } from '../../words/app_words.ts';
import { NoticePage } from '../shared/notice_page.tsx';
import { WaitingPage } from '../shared/waiting_page.tsx';

export interface OpeningViewProps {
  readonly link: LinkState;
  readonly waiting: Waiting | null;
  /** An admin has yet to agree. */
  readonly isAwaiting?: boolean;
}

/** Before this device knows whether it has joined. */
export function OpeningView({ link, waiting, isAwaiting = false }: OpeningViewProps) {
  if (isAwaiting) {
    return (
      <NoticePage title={t('awaiting.title')}>
        <p class="lead" role="status">
          {t('awaiting.body')}
        </p>
      </NoticePage>
    );
  }
  if (waiting !== null) return <WaitingPage waiting={waiting} />;
  return link.kind === 'offline' ? (
    <NoticePage title={t('feed.unreachable.title')}>
      <p class="lead">{t('feed.unreachable.body')}</p>
    </NoticePage>
  ) : (
    <NoticePage title={t('feed.opening')}>
      <p class="lead" role="status">
        {t('link.connecting')}
      </p>
    </NoticePage>
  );
}
