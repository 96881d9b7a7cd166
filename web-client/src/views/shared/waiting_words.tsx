import { useRef } from 'preact/hooks';
import { estimate, isNews, type Waiting } from '../../model/waiting.ts';
import { t } from '../../words/app_words.ts';
import { formatNumber, language } from '../../words/translator.ts';

/** How this device waits. Each answer of the service changes what is seen; what is read out changes when it is news. */
export function WaitingWords({ waiting }: { waiting: Waiting }) {
  const told = useRef<Waiting | null>(null);
  if (isNews(told.current, waiting)) told.current = waiting;
  return (
    <>
      <p class="waiting-place">
        <span>{positionWords(waiting)}</span> <span>{estimateWords(waiting)}</span>
      </p>
      <p class="unseen" role="status">
        {positionWords(told.current ?? waiting)} {estimateWords(told.current ?? waiting)}
      </p>
    </>
  );
}

function positionWords({ position }: Waiting): string {
  return position === null ? '' : t('waiting.position', { position: formatNumber(position, language.value) });
}

function estimateWords(waiting: Waiting): string {
  const told = estimate(waiting);
  switch (told.kind) {
    case 'short':
      return t('waiting.short');
    case 'minutes':
      return t.counted('waiting.minutes', told.minutes);
    case 'long':
      return t('waiting.long');
  }
}
