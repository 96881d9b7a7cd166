import { useState } from 'preact/hooks';
import type { LocalValues } from '../../platform/local_values.ts';
import { t } from '../../words/app_words.ts';

const VISITS_KEY = 'holdfast.visits';
const CLOSED_KEY = 'holdfast.install_hint';
/** Who comes back may want it at hand; who comes once does not. */
const FROM_VISIT = 2;

/** Counts this opening of the app, and says whether it is time for a word about the home screen. */
export function isTimeForHint(values: LocalValues, isInstalled: boolean): boolean {
  const visits = Math.min(FROM_VISIT, (Number(values.get(VISITS_KEY)) || 0) + 1);
  values.set(VISITS_KEY, String(visits));
  return !isInstalled && visits >= FROM_VISIT && values.get(CLOSED_KEY) === null;
}

/** Whoever opens the app again; after this opening was counted. */
export function hasComeBack(values: LocalValues): boolean {
  return Number(values.get(VISITS_KEY)) >= FROM_VISIT;
}

/** Said once: who closes it never sees it again, and finds it under Me. */
export function InstallHint({ values }: { values: LocalValues }) {
  const [isClosed, setIsClosed] = useState(values.get(CLOSED_KEY) !== null);
  if (isClosed) {
    return (
      <p class="unseen" role="status">
        {t('install_hint.closed')}
      </p>
    );
  }
  const close = (): void => {
    values.set(CLOSED_KEY, 'closed');
    setIsClosed(true);
  };
  return (
    <aside class="banner-quiet" aria-label={t('install_hint.title')}>
      <p>{t('install_hint.body')}</p>
      <p class="actions">
        <a class="button button-quiet" href="#me/install" onClick={close}>
          {t('install_hint.how')}
        </a>
        <button type="button" class="button button-plain" onClick={close}>
          {t('install_hint.close')}
        </button>
      </p>
    </aside>
  );
}
