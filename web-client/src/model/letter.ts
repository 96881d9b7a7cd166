import type { BulletinContent, LocalTime } from '../protocol/api.gen.ts';
import type { Bulletin } from './bulletin.ts';

/** A word to a team, which goes over the socket into its channel. */
export interface MessageLetter {
  readonly kind: 'message';
  readonly channel: string;
  readonly bulletin: Bulletin;
}

/** A private word to the organisers. */
export interface ReplyLetter {
  readonly kind: 'reply';
  readonly text: string;
  /** The bulletin that it answers; `null`: about anything. */
  readonly about: string | null;
  readonly isComplaint: boolean;
}

/** A bulletin that an organiser holds ready: it is begun as a draft, then submitted. */
export interface BulletinLetter {
  readonly kind: 'bulletin';
  readonly content: BulletinContent;
  /** By the clock on somebody's wall; `null`: as soon as it may. */
  readonly sendAt: LocalTime | null;
  /** Of the draft that the service has already; `null`: it has none yet. */
  readonly draft: { readonly id: string; readonly revision: number } | null;
}

/** What somebody wrote and this device still has to hand over. */
export type Letter = BulletinLetter | MessageLetter | ReplyLetter;
