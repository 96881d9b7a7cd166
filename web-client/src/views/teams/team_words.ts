import { textFor } from '../../model/bulletin.ts';
import type { BulletinEntry } from '../../model/entry.ts';
import { w } from '../../words/app/teams_words.ts';
import { language } from '../../words/translator.ts';

/** Enough to tell the members of a team apart. */
const END_CHARS = 4;

/** Who wrote it, as far as the service tells: a member's number, and no name. */
export function whoWords(author: string | undefined, own: string): string {
  if (author === undefined) return w('team.somebody');
  return author === own ? w('team.you') : w('team.member', { end: author.slice(-END_CHARS) });
}

/** What was said, with its language. A title is its first line. */
export function saidIn({ bulletin }: BulletinEntry): { readonly lang: string; readonly text: string } {
  const shown = textFor(bulletin, language.value);
  if (shown === null) return { lang: language.value, text: '' };
  const { title, body } = shown.text;
  return { lang: shown.language, text: title.trim() === '' ? body : `${title}\n${body}` };
}
