import { assertNever } from '../../../model/assert_never.ts';
import type { Bulletin, BulletinState } from '../../../protocol/api.gen.ts';

/** How the list is looked through. What waits for people comes first. */
export const FILTERS = ['all', 'awaiting', 'drafts', 'coming', 'sent', 'over'] as const;
export type Filter = (typeof FILTERS)[number];

export function filterOf(state: BulletinState): Exclude<Filter, 'all'> {
  switch (state) {
    case 'awaiting_approval':
      return 'awaiting';
    case 'draft':
      return 'drafts';
    case 'scheduled':
    case 'sending':
      return 'coming';
    case 'sent':
      return 'sent';
    case 'cancelled':
    case 'corrected':
    case 'expired':
    case 'withdrawn':
      return 'over';
    default:
      return assertNever(state);
  }
}

/** Those that wait for a yes or a no, then those that are coming, then the rest as it came: the newest first. */
export function ordered(rows: readonly Bulletin[], filter: Filter): readonly Bulletin[] {
  const wanted = filter === 'all' ? rows : rows.filter(({ state }) => filterOf(state) === filter);
  return [...wanted].sort((a, b) => rank(a) - rank(b));
}

function rank({ state }: Bulletin): number {
  const filter = filterOf(state);
  return filter === 'awaiting' ? 0 : filter === 'coming' ? 1 : 2;
}
