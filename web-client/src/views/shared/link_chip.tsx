import { assertNever } from '../../model/assert_never.ts';
import type { LinkState } from '../../model/link_state.ts';
import { t } from '../../words/app_words.ts';
import { asOfWords } from '../../words/times.ts';
import { formatNumber, language } from '../../words/translator.ts';

/** The state chip. Shape and words say the same as the colour. */
export function LinkChip({ link, now }: { link: LinkState; now: number }) {
  const savedAsOf = 'savedAsOf' in link ? link.savedAsOf : null;
  return (
    <p class={`chip chip-${link.kind}`} role="status">
      <span class="chip-sign" aria-hidden="true" />
      <span class="chip-words">
        <span class="chip-state">{stateWords(link)}</span>
        {savedAsOf !== null && <small>{t('link.saved_as_of', { time: asOfWords(savedAsOf, now) })}</small>}
      </span>
    </p>
  );
}

function stateWords(link: LinkState): string {
  switch (link.kind) {
    case 'connecting':
      return t('link.connecting');
    case 'catching-up':
      return t('link.catching_up', {
        done: formatNumber(link.done, language.value),
        of: formatNumber(link.of, language.value),
      });
    case 'live':
      return t('link.live');
    case 'offline':
      return t('link.offline');
    case 'waiting':
      return t('link.waiting');
    case 'signed-out':
      return t('link.signed_out');
    default:
      return assertNever(link);
  }
}
