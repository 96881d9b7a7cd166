import { describe, expect, it } from 'vitest';
import type { BoardItem } from './story.ts';
import { chosen, everything, unreadByChannel } from './unread.ts';

const ALL = 'bulletins:all';
const NORTH = 'bulletins:region.north';
const CHANNELS = [ALL, NORTH];

function item(id: string, channel: string, arrivedAt: number): BoardItem {
  const bulletin = { id, kind: 'update', texts: {} } as const;
  const first = { kind: 'bulletin', id, channel, generation: 0, offset: 1, arrivedAt, postedAt: arrivedAt, bulletin } as const;
  return { kind: 'bulletin', id, first, current: first, earlier: [], withdrawal: null, arrivedAt };
}

const counts = (map: ReadonlyMap<string, number>): (number | undefined)[] => CHANNELS.map((channel) => map.get(channel));

describe('unread', () => {
  const items = [item('d', NORTH, 130), item('c', ALL, 70), item('b', NORTH, 60), item('a', ALL, 10)];
  const sinceLeft = new Set(['b', 'c']);

  it('is what came while the reader was away, by channel', () => {
    expect(counts(unreadByChannel(items, sinceLeft, everything(100)))).toEqual([1, 1]);
  });

  it('is not what the reader has chosen to look at', () => {
    const north = chosen(everything(100), NORTH, CHANNELS, 110);
    // All was shown until now, so all of it was looked at.
    expect(counts(unreadByChannel(items, sinceLeft, north))).toEqual([undefined, undefined]);
  });

  it('grows by what comes into channels that are not shown, until they are', () => {
    const all = chosen(everything(100), ALL, CHANNELS, 110);
    expect(counts(unreadByChannel(items, sinceLeft, all))).toEqual([undefined, 1]);
    expect(counts(unreadByChannel(items, sinceLeft, chosen(all, NORTH, CHANNELS, 140)))).toEqual([undefined, undefined]);
    expect(counts(unreadByChannel(items, sinceLeft, chosen(all, null, CHANNELS, 140)))).toEqual([undefined, undefined]);
  });
});
