import type { Bulletin } from '../../../../protocol/api.gen.ts';

/** One thing that is known to have happened to a bulletin, or that is to come. */
export type Event =
  | { readonly kind: 'begun'; readonly at: number; readonly by: readonly string[] }
  | { readonly kind: 'changed'; readonly times: number }
  | { readonly kind: 'returned'; readonly reason: string }
  | { readonly kind: 'awaiting' }
  | { readonly kind: 'approved'; readonly at: number | null; readonly by: string | undefined }
  | { readonly kind: 'one-person' }
  | { readonly kind: 'overridden'; readonly at: number | null; readonly by: string | undefined; readonly reason: string }
  | { readonly kind: 'goes'; readonly sendAt: NonNullable<Bulletin['send_at']> }
  | { readonly kind: 'sending' }
  | { readonly kind: 'sent'; readonly at: number }
  | { readonly kind: 'corrects'; readonly id: string }
  | { readonly kind: 'corrected'; readonly by: string }
  | { readonly kind: 'withdrawn'; readonly at: number; readonly by: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'expired' };

/** What happened to a bulletin, as far as the service keeps it, in order. */
export function storyOf(bulletin: Bulletin): readonly Event[] {
  const { state, cleared, send_at: sendAt, sent_at_ms: sentAt, withdrawn, returned, corrects, corrected_by: correctedBy } = bulletin;
  const events: Event[] = [{ kind: 'begun', at: bulletin.created_at_ms, by: bulletin.authors }];
  if (corrects !== undefined) events.push({ kind: 'corrects', id: corrects });
  if (bulletin.revision > 1) events.push({ kind: 'changed', times: bulletin.revision - 1 });
  if (returned !== undefined) events.push({ kind: 'returned', reason: returned });
  if (state === 'awaiting_approval') events.push({ kind: 'awaiting' });
  const at = cleared?.at_ms ?? null;
  switch (cleared?.how) {
    case 'approved':
      events.push({ kind: 'approved', at, by: cleared.by });
      break;
    case 'overridden':
      events.push({ kind: 'overridden', at, by: cleared.by, reason: cleared.reason ?? '' });
      break;
    case 'one_person':
      events.push({ kind: 'one-person' });
      break;
  }
  if (sendAt !== undefined && sentAt === undefined && state !== 'cancelled') events.push({ kind: 'goes', sendAt });
  if (state === 'sending') events.push({ kind: 'sending' });
  if (sentAt !== undefined) events.push({ kind: 'sent', at: sentAt });
  if (correctedBy !== undefined) events.push({ kind: 'corrected', by: correctedBy });
  if (withdrawn !== undefined) events.push({ kind: 'withdrawn', at: withdrawn.at_ms, by: withdrawn.by });
  if (state === 'cancelled') events.push({ kind: 'cancelled' });
  if (state === 'expired') events.push({ kind: 'expired' });
  return events;
}
