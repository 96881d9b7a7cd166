import type { Language } from './bulletin.ts';
import { clockText, DAY_MINUTES, type Quiet, type QuietHours } from './quiet.ts';

/** How much a locked phone says of a bulletin: only that there is one, or its title too. */
export const SHOWN_OF_IT = ['nothing', 'title'] as const;
export type ShownOfIt = (typeof SHOWN_OF_IT)[number];

/** What a member wants of notifications on this device. Nothing of it is so before they said so. */
export interface PushWish {
  readonly isOn: boolean;
  readonly shows: ShownOfIt;
  /** Whether what is urgent comes in quiet hours all the same. */
  readonly urgentBreaksQuiet: boolean;
}

export const NO_WISH: PushWish = { isOn: false, shows: 'nothing', urgentBreaksQuiet: false };

/** What the service is told of it, in the words of `PUT /v1/push`. */
export interface PushChoice {
  readonly language: Language;
  readonly shows: ShownOfIt;
  readonly quiet: { readonly from: string; readonly until: string; readonly zone: string } | null;
  readonly urgent_breaks_quiet: boolean;
  readonly muted: readonly string[];
}

export interface Reader {
  readonly language: Language;
  readonly quiet: Quiet;
  /** Of the IANA time zone database: quiet hours are by the clock of this device. */
  readonly zone: string;
}

export function choiceOf(wish: PushWish, { language, quiet: { hours, muted }, zone }: Reader): PushChoice {
  return {
    language,
    shows: wish.shows,
    quiet: hours === null ? null : { from: clockText(hours.from), until: clockText(endOf(hours)), zone },
    urgent_breaks_quiet: wish.urgentBreaksQuiet,
    muted: muted.toSorted(),
  };
}

/** Who is quiet the whole day is told once a day what was held: hours without an end would hold it for ever. */
function endOf({ from, until }: QuietHours): number {
  return from === until ? (until + DAY_MINUTES - 1) % DAY_MINUTES : until;
}

/** Where a browser's push service takes what is for this device, and the keys it is sealed with (RFC 8291). */
export interface PushAddress {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** What the browser has: an address, made for one key of a service. */
export interface BrowserAddress extends PushAddress {
  /** Base64url; `null`: the browser does not say. */
  readonly madeFor: string | null;
}

/**
 * What can be done about notifications here. `none`: the browser has none. `install`: only once the app is on the home screen.
 * The others are what the reader answered the browser.
 */
export type PushAbility = 'default' | 'denied' | 'granted' | 'install' | 'none';

export interface Standing {
  readonly wish: PushWish;
  readonly ability: PushAbility;
  /** The key for which an address has to be made, base64url. */
  readonly publicKey: string;
  /** Whether the service has an address of this device. */
  readonly isKnown: boolean;
  readonly address: BrowserAddress | null;
  /** What the service was told last, as it was told. */
  readonly told: string | null;
}

/** What has to be done so that the browser, the service and the wish agree. */
export interface Plan {
  /** The browser's address is given back. */
  readonly giveBack: boolean;
  /** The browser is asked for an address. */
  readonly take: boolean;
  /** The service is told to forget this device. */
  readonly forget: boolean;
}

/**
 * An address goes when it is not wanted, when it was made for another key, and when the service was told it and knows it no
 * longer: then the push service has said that it is gone.
 */
export function planOf({ wish, ability, publicKey, isKnown, address, told }: Standing): Plan {
  if (!wish.isOn || ability !== 'granted') return { giveBack: address !== null, take: false, forget: isKnown };
  if (address === null) return { giveBack: false, take: true, forget: false };
  const isForOther = address.madeFor !== null && address.madeFor !== publicKey;
  const isDead = !isKnown && told !== null && told.includes(JSON.stringify(address.endpoint));
  return { giveBack: isForOther || isDead, take: isForOther || isDead, forget: false };
}

/** How notifications stand on this device, as its reader is told. */
export type PushState =
  /** Nothing is said of it: the service or the browser has none, or nothing is known yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'install' }
  | { readonly kind: 'blocked' }
  | { readonly kind: 'off' }
  | { readonly kind: 'on' }
  | { readonly kind: 'failed'; readonly why: PushFailure };

/** `browser`: it gave no address. `refused`: the service does not take it. `unreachable`: the service could not be told. */
export type PushFailure = 'browser' | 'refused' | 'unreachable';

/** How it stands before anything was done, for a service that has notifications. */
export function stateOf(ability: PushAbility, wish: PushWish): PushState {
  switch (ability) {
    case 'none':
      return { kind: 'none' };
    case 'install':
      return { kind: 'install' };
    case 'denied':
      return { kind: 'blocked' };
    case 'default':
      return { kind: 'off' };
    case 'granted':
      return wish.isOn ? { kind: 'on' } : { kind: 'off' };
  }
}
