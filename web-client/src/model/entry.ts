import type { Bulletin } from './bulletin.ts';

interface Placed {
  /** A repeat has the id of the first; the store keeps one. */
  readonly id: string;
  readonly channel: string;
  readonly generation: number;
  readonly offset: number;
  /** When this device received it, by its own clock. */
  readonly arrivedAt: number;
}

export interface BulletinEntry extends Placed {
  readonly kind: 'bulletin';
  readonly postedAt: number;
  /** The member who said it. What the service itself sends has none. */
  readonly author?: string;
  readonly bulletin: Bulletin;
}

export interface UnreadableEntry extends Placed {
  readonly kind: 'unreadable';
  readonly postedAt: number;
}

/** Something between the entry before and the entry after is no longer kept. */
export interface GapEntry extends Placed {
  readonly kind: 'gap';
}

/** One thing on the noticeboard. */
export type Entry = BulletinEntry | GapEntry | UnreadableEntry;
