import { assertNever } from '../../model/assert_never.ts';
import type { LinkState } from '../../model/link_state.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { t } from '../../words/app_words.ts';
import { asOfWords } from '../../words/times.ts';
import { formatNumber, language } from '../../words/translator.ts';

export interface LinkChipProps {
  readonly link: LinkState;
  readonly now: number;
  /** The service says that messages are slow; of when the newest here is, if there is one. */
  readonly slow?: { readonly newestAt: number | null } | null;
}

/** The state chip. Shape and words say the same as the colour. */
export function LinkChip({ link, now, slow = null }: LinkChipProps) {
  const savedAsOf = 'savedAsOf' in link ? link.savedAsOf : null;
  return (
    <p class={`chip chip-${link.kind}`} role="status">
      <span class="chip-sign" aria-hidden="true" />
      <span class="chip-words">
        <span class="chip-state">{link.kind === 'live' && slow !== null ? b('live.slow') : stateWords(link)}</span>
        {link.kind === 'live' && slow !== null && slow.newestAt !== null && <small>{ageWords(slow.newestAt, now)}</small>}
        {savedAsOf !== null && <small>{t('link.saved_as_of', { time: asOfWords(savedAsOf, now) })}</small>}
      </span>
    </p>
  );
}

const MINUTE_MS = 60_000;
/** An older one is told by its time. */
const LONGEST_AGE_MINUTES = 90;

function ageWords(time: number, now: number): string {
  const minutes = Math.max(0, Math.floor((now - time) / MINUTE_MS));
  return minutes > LONGEST_AGE_MINUTES ? b('newest.at', { time: asOfWords(time, now) }) : b.counted('newest.minutes', minutes);
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
