import type { UnreadCounts } from '../../model/unread.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { formatNumber, language } from '../../words/translator.ts';
import { channelWords } from '../shared/channel_words.ts';

export interface ChannelFilterProps {
  readonly channels: readonly string[];
  /** `null`: all. */
  readonly shown: string | null;
  readonly unread: UnreadCounts;
  readonly choose: (channel: string | null) => void;
}

/** One chip for each channel, with how much is unread there. */
export function ChannelFilter({ channels, shown, unread, choose }: ChannelFilterProps) {
  return (
    <div class="filter" role="group" aria-label={b('filter')}>
      {[null, ...channels].map((channel) => {
        const count = channel === null ? unread.all : (unread.byChannel.get(channel) ?? 0);
        return (
          <button type="button" key={channel} aria-pressed={shown === channel} onClick={() => choose(channel)}>
            {channel === null ? b('filter.all') : channelWords(channel)}{' '}
            {count > 0 && (
              <span class="filter-count">
                {formatNumber(count, language.value)} <span class="unseen">{b('filter.unread')}</span>
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
