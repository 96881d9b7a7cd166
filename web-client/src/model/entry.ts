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
  /** The other channels by which the same came. */
  readonly alsoIn?: readonly string[];
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

export function channelsOf({ channel, ...entry }: Entry): readonly string[] {
  return [channel, ...('alsoIn' in entry ? (entry.alsoIn ?? []) : [])];
}

/** The first that came, with each channel by which it came again; itself, if nothing is new about it. */
export function withRepeat(first: Entry, repeat: Entry): Entry {
  if (first.kind !== 'bulletin' || repeat.kind !== 'bulletin') return first;
  const known = channelsOf(first);
  const fresh = channelsOf(repeat).filter((channel) => !known.includes(channel));
  return fresh.length === 0 ? first : { ...first, alsoIn: [...(first.alsoIn ?? []), ...fresh] };
}
