import * as v from 'valibot';
import { Milliseconds, PostureName, type IncidentLine } from '../../../protocol/api.gen.ts';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Who = v.object({ uid: v.nullish(Count), member: v.nullish(v.string()), name: v.nullish(v.string()) });
const Change = v.object({ from: PostureName, to: PostureName, trigger: v.string() });

/** What a line of a record says, by its kind. What is of no kind that is known here, or says it otherwise, is `unknown`. */
const Entry = v.variant('kind', [
  v.object({ kind: v.literal('opened'), data: v.object({ node: v.string(), by: Change }) }),
  v.object({ kind: v.literal('resumed'), data: v.object({ node: v.string(), torn_bytes: Count }) }),
  v.object({ kind: v.literal('posture'), data: Change }),
  v.object({
    kind: v.literal('counts'),
    data: v.object({
      seconds: Count,
      classes: v.array(v.object({ class: v.string(), admitted: Count, delayed: Count, refused: Count })),
      acked: Count,
      members_affected: Count,
    }),
  }),
  v.object({
    kind: v.literal('override'),
    data: v.object({ to: PostureName, who: v.string(), why: v.string(), until: Milliseconds }),
  }),
  v.object({ kind: v.literal('override_ended') }),
  v.object({ kind: v.literal('lapse'), data: v.object({ entries: Count }) }),
  v.object({ kind: v.literal('statement'), data: v.object({ who: Who, text: v.string() }) }),
  v.object({ kind: v.literal('notice_sent'), data: v.object({ who: Who, to: v.string(), text: v.string() }) }),
  v.object({ kind: v.literal('note'), data: v.object({ who: Who, text: v.string() }) }),
  v.object({ kind: v.literal('indicators'), data: v.object({ prefixes: Count, until: Milliseconds }) }),
  v.object({ kind: v.literal('closed'), data: v.object({ quiet_seconds: Count }) }),
]);

export type Who = v.InferOutput<typeof Who>;
export type PostureChange = v.InferOutput<typeof Change>;
export type TimelineEntry = v.InferOutput<typeof Entry> | { readonly kind: 'unknown' };

export interface TimelineLine {
  readonly seq: number;
  readonly at: number;
  readonly entry: TimelineEntry;
}

export function timelineLine({ seq, at_ms, kind, data }: IncidentLine): TimelineLine {
  const parsed = v.safeParse(Entry, { kind, data });
  return { seq, at: at_ms, entry: parsed.success ? parsed.output : { kind: 'unknown' } };
}
