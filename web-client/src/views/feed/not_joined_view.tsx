import type { ComponentChildren } from 'preact';
import { t } from '../../words/app_words.ts';
import { NoticePage } from '../shared/notice_page.tsx';

/** `children`: further ways in. */
export function NotJoinedView({ children }: { children?: ComponentChildren }) {
  return (
    <NoticePage title={t('not_joined.title')}>
      <p class="lead">{t('not_joined.body')}</p>
      <p>{t('not_joined.hint')}</p>
      {children}
      <a class="button button-quiet" href="/join">
        {t('not_joined.code')}
      </a>
    </NoticePage>
  );
}
