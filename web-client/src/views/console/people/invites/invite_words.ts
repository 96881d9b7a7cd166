import { c } from '../../../../words/console_words.ts';
import type { Failure } from './invites_model.ts';

export function failureWords(why: Failure): string {
  switch (why) {
    case 'unreachable':
      return c('invites.failed.unreachable');
    case 'forbidden':
    case 'unauthorized':
      return c('invites.failed.forbidden');
    case 'too_many_requests':
    case 'unavailable':
      return c('invites.failed.busy');
    default:
      return c('invites.failed.other');
  }
}
