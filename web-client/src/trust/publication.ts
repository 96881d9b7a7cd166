import { LANGUAGES, type Bulletin as Shown, type Language } from '../model/bulletin.ts';
import type { Bulletin, BulletinContent } from '../protocol/api.gen.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';

type Texts = BulletinContent['texts'];

/** What the service publishes of a bulletin: what organisers sign, and what members read. */
export interface Said {
  readonly id: string;
  readonly kind: BulletinContent['kind'];
  readonly urgency: 'normal' | 'urgent';
  readonly test: boolean;
  readonly texts: Texts;
  readonly links?: BulletinContent['links'];
  readonly attachments?: BulletinContent['attachments'];
  readonly place?: BulletinContent['place'];
  readonly event?: BulletinContent['event'];
  readonly expires_at?: number;
  readonly references?: readonly { readonly id: string; readonly how: 'about' | 'corrects' | 'withdraws' }[];
}

export type ToPublish = Pick<Bulletin, 'content' | 'corrects' | 'id'>;

/** In the words of the service: a test says so in its texts, and what it corrects is named before what it is about. */
export function saidOf({ id, content, corrects }: ToPublish): Said {
  const { kind, urgency = 'normal', texts, links = [], attachments = [], place, event, expires_at: expiresAt } = content;
  const references = [
    ...(corrects === undefined ? [] : [{ id: corrects, how: 'corrects' as const }]),
    ...(content.references ?? []).map((about) => ({ id: about, how: 'about' as const })),
  ];
  return {
    id,
    kind,
    urgency,
    test: kind === 'test',
    texts: kind === 'test' ? mapTexts(texts, asTest) : texts,
    ...(links.length > 0 && { links }),
    ...(attachments.length > 0 && { attachments }),
    ...(place !== undefined && { place }),
    ...(event !== undefined && { event }),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(references.length > 0 && { references }),
  };
}

/** What takes a bulletin back: nothing in anybody's own words. */
export function withdrawalOf({ id, content }: ToPublish): Said {
  const { urgency = 'normal', expires_at: expiresAt } = content;
  const isTest = content.kind === 'test';
  const texts = mapTexts(content.texts, withdrawn);
  return {
    id: `${id}.withdrawn`,
    kind: 'cancel',
    urgency,
    test: isTest,
    texts: isTest ? mapTexts(texts, asTest) : texts,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    references: [{ id, how: 'withdraws' }],
  };
}

/** Where it goes. None: to single people, and then there is no chain. */
export function channelsOf({ audience = {} }: BulletinContent): readonly string[] {
  const { regions = [], teams = [], roles = [], not_reached: notReached } = audience;
  if (roles.length > 0 || notReached !== undefined) return [];
  if (regions.length + teams.length === 0) return ['bulletins:all'];
  return [...sorted(regions).map((name) => `bulletins:region.${name}`), ...sorted(teams).map((name) => `teams:${name}`)];
}

export type Previous = Readonly<Record<string, string | null>>;

/** The text to be signed. `at`: now, in milliseconds since 1970. */
export function statementText(said: Said, root: string, channels: readonly string[], at: number, previous: Previous): string {
  return JSON.stringify({ v: 1, root, ...said, channels, at, previous });
}

/** As the noticeboard reads it. */
export function shownOf(said: Said): Shown | null {
  return parseBulletin(said);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function mapTexts(texts: Texts, words: (language: string, text: Texts[string]) => Texts[string]): Texts {
  return Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, words(language, text)]));
}

function asTest(language: string, { title, body }: Texts[string]): Texts[string] {
  const word = language === 'cy' ? 'PRAWF' : 'TEST';
  return { title: `${word} – ${title}`, body: `**${word}.**\n\n${body}` };
}

/** What stands in the place of a bulletin that was taken back. Other languages than ours get the English. */
export const WITHDRAWN: { readonly [L in Language]: { readonly word: string; readonly body: string } } = {
  en: { word: 'Withdrawn', body: 'This bulletin was withdrawn. Do not rely on it.' },
  cy: { word: 'Tynnwyd yn ôl', body: "Mae'r bwletin hwn wedi'i dynnu'n ôl. Peidiwch â dibynnu arno." },
};

function withdrawn(language: string, { title }: Texts[string]): Texts[string] {
  const { word, body } = WITHDRAWN[LANGUAGES.find((each) => each === language) ?? 'en'];
  return { title: `${word}: ${title}`, body };
}
