import * as v from 'valibot';
import { KEY } from '../model/signed.ts';

const Kept = v.object({
  fingerprint: v.pipe(v.string(), v.regex(KEY)),
  since: v.number(),
  how: v.picklist(['compared', 'link']),
});

/** The root that this device was given by a person: by the link it came in with, or by comparing. */
export type Anchor = v.InferOutput<typeof Kept>;

export function anchorOf(value: unknown): Anchor | null {
  const parsed = v.safeParse(Kept, value);
  return parsed.success ? parsed.output : null;
}

/** Between a token and a fingerprint in a link. No token has it. */
const MARK = '~';

/** A link that says whose campaign it is, besides what it lets in. */
export function linkWith(link: string, fingerprint: string): string {
  return `${link}${MARK}${fingerprint}`;
}

/** `TOKEN~FINGERPRINT`, as it stands behind `#`. What is no fingerprint is part of nothing. */
export function linkParts(fragment: string): { readonly token: string; readonly fingerprint: string | null } {
  const at = fragment.indexOf(MARK);
  if (at < 0) return { token: fragment, fingerprint: null };
  const fingerprint = fragment.slice(at + MARK.length);
  return { token: fragment.slice(0, at), fingerprint: KEY.test(fingerprint) ? fingerprint : null };
}
