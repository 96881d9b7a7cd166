import type { Bulletin, BulletinAttachment, BulletinContent, LocalTime, Stage } from '../protocol/api.gen.ts';
import { LANGUAGES, MAX_BODY_CHARS, MAX_TITLE_CHARS, type BulletinText, type Language } from './bulletin.ts';
import type { Role } from './session.ts';
import { blanksIn } from './templates.ts';

/** What an organiser chooses between; a cancellation is made by withdrawing. */
export const DESK_KINDS = ['alert', 'update', 'test'] as const;
export type DeskKind = (typeof DESK_KINDS)[number];

export const URGENCIES = ['normal', 'urgent'] as const;
export type Urgency = (typeof URGENCIES)[number];

export type InBoth = { readonly [L in Language]: string };

export interface DeskLink {
  readonly url: string;
  readonly label: InBoth;
}

export interface DeskAttachment {
  readonly id: string;
  readonly media: BulletinAttachment['media'];
  readonly bytes: number;
  /** As it was called on this device; it stays here. */
  readonly name: string;
  readonly label: InBoth;
}

export interface DeskAudience {
  /** `everyone`: whatever else is named does not count. */
  readonly scope: 'everyone' | 'some';
  readonly regions: readonly string[];
  readonly teams: readonly string[];
  readonly roles: readonly Role[];
  readonly notReached: { readonly bulletin: string; readonly stage: Stage } | null;
}

/** A place as it is typed. */
export interface DeskPlace {
  readonly label: string;
  readonly lat: string;
  readonly lon: string;
}

/** What lies on the desk: a bulletin as far as it is written. Times are as the browser's own fields write them. */
export interface Desk {
  /** Of the bulletin that it becomes, or of the change that it makes. */
  readonly id: string;
  readonly kind: DeskKind;
  readonly urgency: Urgency;
  readonly texts: { readonly [L in Language]: BulletinText };
  readonly audience: DeskAudience;
  readonly links: readonly DeskLink[];
  readonly attachments: readonly DeskAttachment[];
  readonly place: DeskPlace;
  readonly event: { readonly from: string; readonly until: string };
  readonly expires: string;
  /** When it goes; empty: as soon as it may. */
  readonly sendAt: string;
  readonly zone: string;
  /** What it changes; `null`: it is a new one. */
  readonly draft: { readonly id: string; readonly revision: number; readonly corrects: string | null; readonly needsTwo: boolean } | null;
  readonly references: readonly string[];
}

export const LINKS_MAX = 8;
export const ATTACHMENTS_MAX = 4;
export const PLACES_MAX = 64;
/** What a region or a team may be called. */
export const LABEL = /^[A-Za-z0-9._-]{1,64}$/;

export const EVERYONE: DeskAudience = { scope: 'everyone', regions: [], teams: [], roles: [], notReached: null };
const NO_TEXT: BulletinText = { title: '', body: '' };

export function emptyDesk(id: string, zone: string): Desk {
  return {
    id,
    kind: 'update',
    urgency: 'normal',
    texts: { en: NO_TEXT, cy: NO_TEXT },
    audience: EVERYONE,
    links: [],
    attachments: [],
    place: { label: '', lat: '', lon: '' },
    event: { from: '', until: '' },
    expires: '',
    sendAt: '',
    zone,
    draft: null,
    references: [],
  };
}

/** Nothing would be missed if it were thrown away. */
export function isBlank(desk: Desk): boolean {
  const isWritten = LANGUAGES.some((language) => desk.texts[language].title.trim() !== '' || desk.texts[language].body.trim() !== '');
  return !isWritten && desk.links.length === 0 && desk.attachments.length === 0 && desk.draft === null && desk.audience.notReached === null;
}

export type DeskProblem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'half-written'; readonly language: Language }
  | { readonly kind: 'too-long'; readonly language: Language }
  | { readonly kind: 'blank-left'; readonly language: Language; readonly blank: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'place' }
  | { readonly kind: 'event' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'send-in-past' };

export interface Finished {
  readonly content: BulletinContent;
  readonly sendAt: LocalTime | null;
}

/** What may be handed over, or why not yet. */
export function finishDesk(desk: Desk, now: number): { readonly finished: Finished } | { readonly problem: DeskProblem } {
  const problem = textProblem(desk) ?? otherProblem(desk, now);
  if (problem !== null) return { problem };
  const sendAt = desk.sendAt === '' ? null : { local: desk.sendAt, zone: desk.zone };
  return { finished: { content: contentOf(desk), sendAt } };
}

/** As far as it is written: also for the preview. */
export function contentOf(desk: Desk): BulletinContent {
  const texts: Record<string, BulletinText> = {};
  for (const language of LANGUAGES) {
    const { title, body } = desk.texts[language];
    if (title.trim() !== '' || body.trim() !== '') texts[language] = { title: title.trim(), body: body.trim() };
  }
  const place = placeOf(desk.place);
  const [from, until] = [momentOf(desk.event.from), momentOf(desk.event.until)];
  const expiresAt = momentOf(desk.expires);
  return {
    kind: desk.kind,
    urgency: desk.kind === 'test' ? 'normal' : desk.urgency,
    texts,
    audience: audienceOf(desk.audience),
    ...(desk.links.length === 0 ? {} : { links: desk.links.map(({ url, label }) => ({ url: url.trim(), label: labelOf(label) })) }),
    ...(desk.attachments.length === 0
      ? {}
      : { attachments: desk.attachments.map(({ id, media, bytes, label }) => ({ id, media, bytes, label: labelOf(label) })) }),
    ...(place === null ? {} : { place }),
    ...(from === null ? {} : { event: until === null ? { from } : { from, until } }),
    ...(expiresAt === null ? {} : { expires_at: expiresAt }),
    ...(desk.references.length === 0 ? {} : { references: [...desk.references] }),
  };
}

export function audienceOf({ scope, regions, teams, roles, notReached }: DeskAudience): NonNullable<BulletinContent['audience']> {
  if (scope === 'everyone') return {};
  const places = { regions: [...regions], teams: [...teams], roles: [...roles] };
  return notReached === null ? places : { ...places, not_reached: notReached };
}

/** Puts a bulletin that the service has back on the desk, to be changed. */
export function deskOf(bulletin: Bulletin, id: string, zone: string): Desk {
  const { content } = bulletin;
  const audience = content.audience ?? {};
  const { regions = [], teams = [], roles = [], not_reached: notReached = null } = audience;
  const isSome = regions.length + teams.length + roles.length > 0 || notReached !== null;
  return {
    ...emptyDesk(id, bulletin.send_at?.zone ?? zone),
    kind: content.kind === 'cancel' ? 'update' : content.kind,
    urgency: content.urgency ?? 'normal',
    texts: { en: content.texts['en'] ?? NO_TEXT, cy: content.texts['cy'] ?? NO_TEXT },
    audience: { scope: isSome ? 'some' : 'everyone', regions, teams, roles, notReached },
    links: (content.links ?? []).map(({ url, label }) => ({ url, label: bothOf(label) })),
    attachments: (content.attachments ?? []).map(({ label, ...rest }) => ({ ...rest, name: '', label: bothOf(label) })),
    place: placeFields(content.place),
    event: { from: localOf(content.event?.from), until: localOf(content.event?.until) },
    expires: localOf(content.expires_at),
    sendAt: bulletin.send_at?.local.slice(0, 16) ?? '',
    draft: {
      id: bulletin.id,
      revision: bulletin.revision,
      corrects: bulletin.corrects ?? null,
      needsTwo: bulletin.corrects !== undefined && bulletin.needs === 'two_people',
    },
    references: content.references ?? [],
  };
}

/** An instant as a field for dates and times writes it, by this device's clock. */
export function localOf(instant: number | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `null`: it says no time. */
export function momentOf(local: string): number | null {
  const instant = local === '' ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(instant) || instant < 0 ? null : instant;
}

function textProblem({ texts }: Desk): DeskProblem | null {
  let written = 0;
  for (const language of LANGUAGES) {
    const title = texts[language].title.trim();
    const body = texts[language].body.trim();
    if (title === '' && body === '') continue;
    written += 1;
    if (title === '' || body === '') return { kind: 'half-written', language };
    if (countChars(title) > MAX_TITLE_CHARS || countChars(body) > MAX_BODY_CHARS) return { kind: 'too-long', language };
    const blank = blanksIn(`${title}\n${body}`)[0];
    if (blank !== undefined) return { kind: 'blank-left', language, blank };
  }
  return written === 0 ? { kind: 'empty' } : null;
}

function otherProblem(desk: Desk, now: number): DeskProblem | null {
  const { scope, regions, teams, roles, notReached } = desk.audience;
  const namesNobody = regions.length + teams.length + roles.length === 0 && notReached === null;
  if (scope === 'some' && namesNobody) return { kind: 'nobody' };
  const link = desk.links.find(({ url }) => !isWebAddress(url.trim()));
  if (link !== undefined) return { kind: 'link', url: link.url };
  const { label, lat, lon } = desk.place;
  if (`${label}${lat}${lon}`.trim() !== '' && placeOf(desk.place) === null) return { kind: 'place' };
  const [from, until] = [momentOf(desk.event.from), momentOf(desk.event.until)];
  if ((from === null && until !== null) || (from !== null && until !== null && until <= from)) return { kind: 'event' };
  const sendAt = momentOf(desk.sendAt);
  // By this device's clock it is only about right where the zone is another: the service has the last word.
  if (sendAt !== null && sendAt < now - DAY_MS) return { kind: 'send-in-past' };
  const expiresAt = momentOf(desk.expires);
  if (expiresAt !== null && expiresAt <= now) return { kind: 'expired' };
  return null;
}

const DAY_MS = 86_400_000;

function placeOf({ label, lat, lon }: DeskPlace): NonNullable<BulletinContent['place']> | null {
  const [north, east] = [coordinate(lat, 90), coordinate(lon, 180)];
  return label.trim() === '' || north === null || east === null ? null : { label: label.trim(), lat: north, lon: east };
}

function coordinate(text: string, most: number): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text.trim());
  return Math.abs(value) <= most ? value : null;
}

function placeFields(place: BulletinContent['place']): DeskPlace {
  return place === undefined ? { label: '', lat: '', lon: '' } : { label: place.label, lat: String(place.lat), lon: String(place.lon) };
}

function isWebAddress(text: string): boolean {
  try {
    const { protocol, username, password, hostname } = new URL(text);
    return (protocol === 'https:' || protocol === 'http:') && hostname !== '' && username === '' && password === '';
  } catch {
    return false;
  }
}

function labelOf(label: InBoth): Record<string, string> {
  return Object.fromEntries(LANGUAGES.flatMap((language) => (label[language].trim() === '' ? [] : [[language, label[language].trim()]])));
}

function bothOf(label: Readonly<Record<string, string>> | undefined): InBoth {
  return { en: label?.['en'] ?? '', cy: label?.['cy'] ?? '' };
}

/** As the service counts: by code points. */
export function countChars(text: string): number {
  return [...text].length;
}
