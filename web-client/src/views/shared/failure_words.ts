import type { Failure } from '../../account/api.ts';
import { t } from '../../words/app_words.ts';

/** What went wrong and what next, for failures that can happen to every request. Those of one page alone are its own. */
export function failureWords(why: Failure): string {
  switch (why) {
    case 'unreachable':
      return t('failure.unreachable');
    case 'unreadable':
      return t('failure.unreadable');
    case 'unauthorized':
      return t('failure.unauthorized');
    case 'forbidden':
      return t('failure.forbidden');
    case 'changed_meanwhile':
      return t('failure.changed_meanwhile');
    case 'internal':
    case 'too_slow':
    case 'unavailable':
      return t('failure.unavailable');
    case 'too_many_requests':
    case 'waiting':
      return t('failure.busy');
    default:
      return t('failure.other', { code: why });
  }
}
