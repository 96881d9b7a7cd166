import type { Waiting } from '../../model/waiting.ts';
import { t } from '../../words/app_words.ts';
import { NoticePage } from './notice_page.tsx';
import { WaitingWords } from './waiting_words.tsx';

/** The waiting room, for who has nothing to read meanwhile. */
export function WaitingPage({ waiting, more }: { waiting: Waiting; more?: string }) {
  return (
    <NoticePage title={t('waiting.title')}>
      <WaitingWords waiting={waiting} />
      <p>
        {t('waiting.itself')} {more ?? t('waiting.nothing_lost')}
      </p>
    </NoticePage>
  );
}
