import { t } from '../../words/app_words.ts';
import { formatNumber, language } from '../../words/translator.ts';
import { APP_PAGES, type AppPage } from './app_page.ts';

/** How much on each page its reader has not seen. */
export type Counts = { readonly [P in AppPage]?: number };

/** More are not counted out. */
const MOST_SHOWN = 99;

/** Where the thumb is. */
export function BottomBar({ page, counts = {} }: { page: AppPage; counts?: Counts }) {
  return (
    <nav class="bar" aria-label={t('app.nav')}>
      {APP_PAGES.map((each) => (
        <a key={each} href={`#${each}`} aria-current={each === page ? 'page' : undefined}>
          {t(`app.nav.${each}`)}
          <Count of={counts[each] ?? 0} />
        </a>
      ))}
    </nav>
  );
}

function Count({ of }: { of: number }) {
  if (of === 0) return null;
  return (
    <span class="bar-count">
      <span aria-hidden="true">{of > MOST_SHOWN ? `${MOST_SHOWN}+` : formatNumber(of, language.value)}</span>
      <span class="unseen">{t.counted('app.nav.unread', of)}</span>
    </span>
  );
}
