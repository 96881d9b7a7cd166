import * as v from 'valibot';
import { DESK_KINDS, emptyDesk, EVERYONE, LABEL, URGENCIES, type Desk } from '../../../model/desk.ts';
import { ROLES } from '../../../model/session.ts';
import { Media, Stage } from '../../../protocol/api.gen.ts';

/** What was kept of a desk, and whose it is; `author` is `null` if that is not known. */
export interface KeptDesk {
  readonly desk: Desk;
  readonly author: string | null;
}

/** What an older or newer version kept is read as far as it is understood; `null`: there is nothing to go on with. */
export function readDesk(text: string | null): KeptDesk | null {
  try {
    const kept = v.safeParse(KEPT, text === null ? null : JSON.parse(text));
    if (!kept.success) return null;
    const { author, ...desk } = kept.output;
    return { desk: { ...emptyDesk(desk.id, desk.zone), ...desk }, author };
  } catch {
    return null;
  }
}

export function writeDesk({ desk, author }: KeptDesk): string {
  return JSON.stringify({ ...desk, author });
}

const line = v.fallback(v.string(), '');
const both = v.fallback(v.object({ en: line, cy: line }), { en: '', cy: '' });
const text = v.fallback(v.object({ title: line, body: line }), { title: '', body: '' });
const labels = v.fallback(v.array(v.pipe(v.string(), v.regex(LABEL))), []);

const KEPT = v.object({
  id: v.pipe(v.string(), v.minLength(1)),
  author: v.fallback(v.nullable(v.string()), null),
  kind: v.fallback(v.picklist(DESK_KINDS), 'update'),
  urgency: v.fallback(v.picklist(URGENCIES), 'normal'),
  texts: v.object({ en: text, cy: text }),
  audience: v.fallback(
    v.object({
      scope: v.picklist(['everyone', 'some']),
      regions: labels,
      teams: labels,
      roles: v.fallback(v.array(v.picklist(ROLES)), []),
      notReached: v.nullable(v.object({ bulletin: v.string(), stage: Stage })),
    }),
    EVERYONE,
  ),
  links: v.fallback(v.array(v.object({ url: line, label: both })), []),
  attachments: v.fallback(
    v.array(v.object({ id: v.string(), media: Media, bytes: v.number(), name: line, label: both })),
    [],
  ),
  place: v.fallback(v.object({ label: line, lat: line, lon: line }), { label: '', lat: '', lon: '' }),
  event: v.fallback(v.object({ from: line, until: line }), { from: '', until: '' }),
  expires: line,
  sendAt: line,
  zone: v.fallback(v.string(), 'Europe/London'),
  draft: v.fallback(
    v.nullable(
      v.object({ id: v.string(), revision: v.number(), corrects: v.nullable(v.string()), needsTwo: v.boolean() }),
    ),
    null,
  ),
  references: v.fallback(v.array(v.string()), []),
});
