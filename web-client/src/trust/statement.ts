import * as v from 'valibot';
import { KINDS, REFERS, URGENCIES } from '../model/bulletin.ts';
import { KEY, MAX_STATEMENT_CHARS } from '../model/signed.ts';
import { json } from './manifest.ts';

/** What a statement says beside the words: whose campaign, which bulletin, where to, and after what. */
const StatementText = v.looseObject({
  v: v.literal(1),
  root: v.pipe(v.string(), v.regex(KEY)),
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  kind: v.picklist(KINDS),
  urgency: v.picklist(URGENCIES),
  test: v.optional(v.boolean()),
  channels: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))), v.maxLength(64)),
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  texts: v.record(v.string(), v.object({ title: v.string(), body: v.string() })),
  references: v.optional(v.array(v.object({ id: v.string(), how: v.picklist(REFERS) }))),
  previous: v.record(v.string(), v.nullable(v.pipe(v.string(), v.regex(KEY)))),
});
export type Statement = v.InferOutput<typeof StatementText>;

/** The text of a statement. `null`: it is none that this version knows. Only to be asked of what was verified. */
export function parseStatement(text: string): Statement | null {
  if (text.length > MAX_STATEMENT_CHARS) return null;
  const parsed = v.safeParse(StatementText, json(text));
  return parsed.success ? parsed.output : null;
}
