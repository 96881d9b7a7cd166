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

export function channelOf(item: BoardItem): string {
  switch (item.kind) {
    case 'bulletin':
      return item.first.channel;
    case 'note':
      return item.story.first.channel;
    case 'gap':
    case 'unreadable':
      return item.channel;
  }
}

/** How many bulletins of each channel came while the reader was away or looked at another, and were not looked at since. */
export function unreadByChannel(items: readonly BoardItem[], sinceLeft: ReadonlySet<string>, filter: Filter): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    if (item.kind !== 'bulletin' && item.kind !== 'note') continue;
    const channel = channelOf(item);
    const isHidden = filter.channel !== null && channel !== filter.channel && item.arrivedAt > filter.since;
    const isUnread = isHidden || (sinceLeft.has(item.id) && item.arrivedAt > (filter.lookedAt.get(channel) ?? 0));
    if (isUnread) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return counts;
}
