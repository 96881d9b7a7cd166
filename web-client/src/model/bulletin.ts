import { LANGUAGES, type Language } from './language.ts';
import type { Signed } from './signed.ts';

export { LANGUAGES, type Language };

export const KINDS = ['alert', 'update', 'cancel', 'test'] as const;
export type Kind = (typeof KINDS)[number];

export const URGENCIES = ['normal', 'urgent'] as const;
export type Urgency = (typeof URGENCIES)[number];

export const MEDIA = ['image/jpeg', 'image/png', 'application/pdf'] as const;
export type Media = (typeof MEDIA)[number];

/** What one bulletin is to an earlier one. */
export const REFERS = ['about', 'corrects', 'withdraws'] as const;
export type Refers = (typeof REFERS)[number];

export interface BulletinText {
  readonly title: string;
  readonly body: string;
}

/** A line in each language that has it. */
export type Labels = { readonly [L in Language]?: string };

export interface Link {
  /** `http:` or `https:`. */
  readonly url: string;
  readonly label: Labels;
}

export interface Attachment {
  readonly id: string;
  readonly media: Media;
  readonly bytes: number;
  /** What it shows, also for those who do not see it. */
  readonly label: Labels;
}

/** WGS 84, degrees. */
export interface Place {
  readonly lat: number;
  readonly lon: number;
  readonly label: string;
}

/** Milliseconds since 1970. */
export interface EventTime {
  readonly from: number;
  /** `null`: nobody said. */
  readonly until: number | null;
}

export interface Reference {
  readonly id: string;
  readonly how: Refers;
}

/** What is said. A field that is not there was not said, or is of a version that did not know it. */
export interface Bulletin {
  /** Also the idempotency key of its publish, so that a retry and a repeat are recognised by the same word. */
  readonly id: string;
  readonly kind: Kind;
  readonly texts: { readonly [L in Language]?: BulletinText };
  readonly urgency?: Urgency;
  readonly links?: readonly Link[];
  readonly attachments?: readonly Attachment[];
  readonly place?: Place;
  readonly event?: EventTime;
  /** When it is over, in milliseconds since 1970. */
  readonly expiresAt?: number;
  readonly references?: readonly Reference[];
  /** What shows who said it, to whoever checks it. */
  readonly signed?: Signed;
}

export const MAX_TITLE_CHARS = 200;
export const MAX_BODY_CHARS = 5_000;

/**
 * Whether the id is of a bulletin that went by the service's own desk: such are Markdown and have receipts. All else is
 * the plain word of a member.
 */
export function isBulletinId(id: string): boolean {
  return /^b[0-9a-f]{31}$/.test(id);
}

/** The id of what takes a bulletin back. */
export function isWithdrawalId(id: string): boolean {
  return id.endsWith('.withdrawn') && isBulletinId(id.slice(0, -'.withdrawn'.length));
}

/** Where nothing was said of urgency, an alert is urgent. A test never is. */
export function isUrgent({ kind, urgency }: Bulletin): boolean {
  return kind !== 'test' && kind !== 'cancel' && (urgency === undefined ? kind === 'alert' : urgency === 'urgent');
}

export function hasExpired({ expiresAt }: Bulletin, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** The text in the reader's language, or in the one there is; `null` cannot happen for a parsed bulletin. */
export function textFor(bulletin: Bulletin, wanted: Language): { language: Language; text: BulletinText } | null {
  for (const language of [wanted, ...LANGUAGES]) {
    const text = bulletin.texts[language];
    if (text !== undefined) return { language, text };
  }
  return null;
}

/** The line in the reader's language, or in the one there is. */
export function labelFor(labels: Labels, wanted: Language): string | null {
  return labels[wanted] ?? labels.en ?? labels.cy ?? null;
}
