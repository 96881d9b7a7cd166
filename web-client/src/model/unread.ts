import { channelsOf } from './entry.ts';
import type { BoardItem } from './story.ts';

/** Which channel's bulletins the reader looks at, and when they last chose to look at which. */
export interface Filter {
  /** `null`: all of them. */
  readonly channel: string | null;
  readonly since: number;
  readonly lookedAt: ReadonlyMap<string, number>;
}

export function everything(now: number): Filter {
  return { channel: null, since: now, lookedAt: new Map() };
}

/** What was shown until now, and what is shown from now on, was looked at. */
export function chosen(filter: Filter, channel: string | null, channels: readonly string[], now: number): Filter {
  const shown = channels.filter((each) => filter.channel === null || each === filter.channel || channel === null || each === channel);
  return { channel, since: now, lookedAt: new Map([...filter.lookedAt, ...shown.map((each): [string, number] => [each, now])]) };
}

/** Under which channels it stands: a bulletin may have come by more than one. */
export function channelsOfItem(item: BoardItem): readonly string[] {
  switch (item.kind) {
    case 'bulletin':
      return channelsOf(item.first);
    case 'note':
      return channelsOf(item.story.first);
    case 'gap':
    case 'unreadable':
      return channelsOf(item);
  }
}

export interface UnreadCounts {
  /** What came by two channels counts once here, and under each of them there. */
  readonly all: number;
  readonly byChannel: ReadonlyMap<string, number>;
}

/** How many bulletins came while the reader was away or looked at another channel, and were not looked at since. */
export function unreadByChannel(items: readonly BoardItem[], sinceLeft: ReadonlySet<string>, filter: Filter): UnreadCounts {
  const counts = new Map<string, number>();
  let all = 0;
  for (const item of items) {
    if (item.kind !== 'bulletin' && item.kind !== 'note') continue;
    const channels = channelsOfItem(item);
    const isHidden = filter.channel !== null && !channels.includes(filter.channel) && item.arrivedAt > filter.since;
    // Looked at under one of them, it was looked at.
    const lookedAt = Math.max(...channels.map((channel) => filter.lookedAt.get(channel) ?? 0));
    if (!isHidden && !(sinceLeft.has(item.id) && item.arrivedAt > lookedAt)) continue;
    all += 1;
    for (const channel of channels) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return { all, byChannel: counts };
}
