export const LANGUAGES = ['en', 'cy'] as const;
export type Language = (typeof LANGUAGES)[number];

export const KINDS = ['alert', 'update', 'cancel', 'test'] as const;
export type Kind = (typeof KINDS)[number];

export interface BulletinText {
  readonly title: string;
  readonly body: string;
}

export interface Bulletin {
  /** Also the idempotency key of its publish, so that a retry and a repeat are recognised by the same word. */
  readonly id: string;
  readonly kind: Kind;
  readonly texts: { readonly [L in Language]?: BulletinText };
}

export const MAX_TITLE_CHARS = 200;
export const MAX_BODY_CHARS = 5_000;

/** The text in the reader's language, or in the one there is; `null` cannot happen for a parsed bulletin. */
export function textFor(bulletin: Bulletin, wanted: Language): { language: Language; text: BulletinText } | null {
  for (const language of [wanted, ...LANGUAGES]) {
    const text = bulletin.texts[language];
    if (text !== undefined) return { language, text };
  }
  return null;
}
