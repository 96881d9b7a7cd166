import { t } from '../../words/app_words.ts';
import { APP_PAGES, type AppPage } from './app_page.ts';

/** Where the thumb is. */
export function BottomBar({ page }: { page: AppPage }) {
  return (
    <nav class="bar" aria-label={t('app.nav')}>
      {APP_PAGES.map((each) => (
        <a key={each} href={`#${each}`} aria-current={each === page ? 'page' : undefined}>
          {t(`app.nav.${each}`)}
        </a>
      ))}
    </nav>
  );
}
