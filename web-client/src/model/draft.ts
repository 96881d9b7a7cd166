import { LANGUAGES, MAX_BODY_CHARS, MAX_TITLE_CHARS, type Bulletin, type BulletinText, type Language } from './bulletin.ts';

/** Under which the draft is kept, beside the database, so that each keystroke is written at once. */
export const DRAFT_KEY = 'holdfast.draft';

export interface Draft {
  readonly id: string;
  readonly channel: string;
  readonly texts: { readonly [L in Language]: BulletinText };
}

export type DraftProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'half-written'; readonly language: Language }
  | { readonly kind: 'too-long'; readonly language: Language };

export function emptyDraft(id: string, channel: string): Draft {
  return { id, channel, texts: { en: { title: '', body: '' }, cy: { title: '', body: '' } } };
}

export function isBlank(draft: Draft): boolean {
  return LANGUAGES.every((language) => isEmptyText(draft.texts[language]));
}

/** A bulletin that may be posted, or why not yet. */
export function finishDraft(draft: Draft): { readonly bulletin: Bulletin } | { readonly problem: DraftProblem } {
  const texts: { [L in Language]?: BulletinText } = {};
  for (const language of LANGUAGES) {
    const written = draft.texts[language];
    if (isEmptyText(written)) continue;
    const text = { title: written.title.trim(), body: written.body.trim() };
    if (text.title === '' || text.body === '') return { problem: { kind: 'half-written', language } };
    if (text.title.length > MAX_TITLE_CHARS || text.body.length > MAX_BODY_CHARS) {
      return { problem: { kind: 'too-long', language } };
    }
    texts[language] = text;
  }
  if (Object.keys(texts).length === 0) return { problem: { kind: 'empty' } };
  return { bulletin: { id: draft.id, kind: 'update', texts } };
}

function isEmptyText(text: BulletinText): boolean {
  return text.title.trim() === '' && text.body.trim() === '';
}
