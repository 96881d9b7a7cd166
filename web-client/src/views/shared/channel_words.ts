import { assertNever } from '../../model/assert_never.ts';
import { channelSort } from '../../model/channel.ts';
import { t } from '../../words/app_words.ts';

export function channelWords(channel: string): string {
  const sort = channelSort(channel);
  switch (sort.kind) {
    case 'everyone':
      return t('channel.everyone');
    case 'inbox':
      return t('channel.inbox');
    case 'named':
      return sort.name;
    default:
      return assertNever(sort);
  }
}
