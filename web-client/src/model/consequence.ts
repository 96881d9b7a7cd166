import type { HeadCount } from '../protocol/api.gen.ts';
import type { Desk } from './desk.ts';

/** How many people it takes, as far as is known here; the service decides. */
export type NeedsHere = 'one' | 'two' | 'unknown';

/** Two people for what is urgent or for half of the members or more, and for a correction as many as for the first. */
export function needsOf(desk: Pick<Desk, 'audience' | 'draft' | 'kind' | 'urgency'>, count: HeadCount | null): NeedsHere {
  const isUrgent = desk.kind !== 'test' && desk.urgency === 'urgent';
  if (isUrgent || desk.audience.scope === 'everyone' || desk.draft?.needsTwo === true) return 'two';
  if (count === null) return 'unknown';
  return count.audience * 2 >= count.members ? 'two' : 'one';
}
