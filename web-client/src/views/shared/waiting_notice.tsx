import type { Waiting } from '../../model/waiting.ts';
import { t } from '../../words/app_words.ts';
import { WaitingWords } from './waiting_words.tsx';

/** The waiting room, above what can be read or written meanwhile. */
export function WaitingNotice({ waiting, meanwhile }: { waiting: Waiting; meanwhile: string }) {
  return (
    <section class="banner waiting" aria-labelledby="waiting-title">
      <h2 id="waiting-title">{t('waiting.title')}</h2>
      <WaitingWords waiting={waiting} />
      <p>
        {meanwhile} {t('waiting.itself')}
      </p>
    </section>
  );
}
