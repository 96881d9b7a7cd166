import type { Failure } from '../../account/api.ts';
import { f } from '../../words/app/failure_words.ts';

/** What went wrong and what next, for failures that can happen to every request. Those of one page alone are its own. */
export function failureWords(why: Failure): string {
  switch (why) {
    case 'unreachable':
      return f('failure.unreachable');
    case 'unreadable':
      return f('failure.unreadable');
    case 'unauthorized':
      return f('failure.unauthorized');
    case 'forbidden':
      return f('failure.forbidden');
    case 'step_up_needed':
      return f('failure.step_up');
    case 'changed_meanwhile':
      return f('failure.changed_meanwhile');
    case 'internal':
    case 'too_slow':
    case 'unavailable':
      return f('failure.unavailable');
    case 'too_many_requests':
    case 'waiting':
      return f('failure.busy');
    default:
      return f('failure.other', { code: why });
  }
}
