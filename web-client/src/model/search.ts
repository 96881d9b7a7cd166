import { LANGUAGES, type Language } from './language.ts';
import { markdown, plainText } from './markdown.ts';
import type { Story } from './story.ts';

/** A part of a text, and whether it is what was looked for. */
export interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

export interface Found {
  readonly story: Story;
  /** In which of its languages it was found. */
  readonly language: Language;
  readonly title: readonly Piece[];
  /** Some words around the first place in its text; its beginning, if only the title has it. */
  readonly excerpt: readonly Piece[];
}

/** Longer words are cut. */
export const QUERY_MAX_CHARS = 100;
/** Letters that are shown of a text. */
const EXCERPT_CHARS = 160;
const BEFORE_CHARS = 40;

/** Each bulletin that has all of these words in one of its languages, in the order of the stories. */
export function search(stories: readonly Story[], query: string, reader: Language): readonly Found[] {
  const words = wordsOf(query);
  if (words.length === 0) return [];
  const languages = [reader, ...LANGUAGES.filter((each) => each !== reader)];
  return stories.flatMap((story) => {
    for (const language of languages) {
      const found = foundIn(story, language, words);
      if (found !== null) return [found];
    }
    return [];
  });
}

/** As many letters of what it says as a list has room for. */
export function beginningOf(text: string): string {
  const words = plainText(markdown(text)).replaceAll(/\s+/g, ' ');
  return words.length <= EXCERPT_CHARS ? words : `${words.slice(0, EXCERPT_CHARS)} …`;
}

function foundIn(story: Story, language: Language, words: readonly string[]): Found | null {
  const text = story.current.bulletin.texts[language];
  if (text === undefined) return null;
  const title = folded(text.title);
  const body = folded(plainText(markdown(text.body)).replaceAll(/\s+/g, ' '));
  if (!words.every((word) => title.folded.includes(word) || body.folded.includes(word))) return null;
  return { story, language, title: piecesOf(title, words), excerpt: excerptOf(body, words) };
}

/** A text as it is compared: small letters without accents, each with where it stands in the text. */
interface Folded {
  readonly text: string;
  readonly folded: string;
  /** For each letter of `folded`, and one more, where its character begins in `text`. */
  readonly places: readonly number[];
}

function folded(text: string): Folded {
  let all = '';
  const places: number[] = [];
  let at = 0;
  for (const char of text) {
    const letters = fold(char);
    for (let letter = 0; letter < letters.length; letter += 1) places.push(at);
    all += letters;
    at += char.length;
  }
  places.push(at);
  return { text, folded: all, places };
}

/** Nobody has to know whether it was `ŵ` or `w`, or which apostrophe. */
function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[’‘]/g, "'").toLowerCase();
}

function wordsOf(query: string): readonly string[] {
  const words = fold(query.slice(0, QUERY_MAX_CHARS)).split(/\s+/).filter((word) => word !== '');
  return [...new Set(words)];
}

type Range = readonly [from: number, to: number];

/** Where the words stand in the text, from its beginning, without overlaps. */
function rangesOf({ folded, places }: Folded, words: readonly string[]): readonly Range[] {
  const all: Range[] = [];
  for (const word of words) {
    for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length)) {
      all.push([places[at] ?? 0, endOf(places, at + word.length)]);
    }
  }
  all.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of all) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** After the whole character, where a word ends within what stands for it. */
function endOf(places: readonly number[], at: number): number {
  const last = places[at - 1] ?? 0;
  let next = at;
  while (next < places.length - 1 && places[next] === last) next += 1;
  return places[next] ?? last;
}

function piecesOf(text: Folded, words: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [from, to] of rangesOf(text, words)) {
    if (from > at) pieces.push({ text: text.text.slice(at, from), isHit: false });
    pieces.push({ text: text.text.slice(from, to), isHit: true });
    at = to;
  }
  if (at < text.text.length) pieces.push({ text: text.text.slice(at), isHit: false });
  return pieces;
}

function excerptOf(body: Folded, words: readonly string[]): readonly Piece[] {
  const first = rangesOf(body, words)[0]?.[0] ?? 0;
  const from = first <= BEFORE_CHARS ? 0 : wordStart(body.text, first - BEFORE_CHARS);
  const to = Math.min(body.text.length, from + EXCERPT_CHARS);
  const part = folded(`${from > 0 ? '… ' : ''}${body.text.slice(from, to)}${to < body.text.length ? ' …' : ''}`);
  return piecesOf(part, words);
}

function wordStart(text: string, near: number): number {
  const space = text.indexOf(' ', near);
  return space === -1 ? near : space + 1;
}
