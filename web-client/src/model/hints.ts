/** What people take in at a glance: three points, three sentences, thirty words. */
export const POINTS_GOOD = 3;
export const SENTENCES_GOOD = 3;
export const WORDS_GOOD = 30;

export interface Length {
  readonly points: number;
  readonly sentences: number;
  readonly words: number;
}

/** How much a text asks of its reader. It is advice, and nothing is refused by it. */
export function lengthOf(text: string): Length {
  const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’\-.:/@]*/gu) ?? [];
  const points = text.match(/^\s*(?:[-*+•]|\d+[.)])\s+\S/gmu) ?? [];
  const sentences = text.split(/[.!?…]+(?=\s|$)|\n{2,}/u).filter((part) => /[\p{L}\p{N}]/u.test(part));
  return { points: points.length, sentences: sentences.length, words: words.length };
}

export function isShort({ points, sentences, words }: Length): boolean {
  return points <= POINTS_GOOD && sentences <= SENTENCES_GOOD && words <= WORDS_GOOD;
}
