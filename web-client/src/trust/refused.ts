import * as v from 'valibot';
import { KEY } from '../model/signed.ts';
import { ALARMS } from './next_manifest.ts';

const Kept = v.object({
  /** What was wrong with what the service offered last; `null`: nothing. */
  offer: v.nullable(v.picklist(ALARMS)),
  /** Another fingerprint, in a link that was opened here. */
  link: v.nullable(v.pipe(v.string(), v.regex(KEY))),
});

/** What was not believed. It is kept, so that the warning outlives the page. */
export type Refused = v.InferOutput<typeof Kept>;

export function refusedOf(value: unknown): Refused {
  const parsed = v.safeParse(Kept, value);
  return parsed.success ? parsed.output : { offer: null, link: null };
}
