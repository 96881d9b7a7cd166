import { describe, expect, it } from 'vitest';
import type { BoardItem } from './story.ts';
import { chosen, everything, unreadByChannel, type UnreadCounts } from './unread.ts';

const ALL = 'bulletins:all';
const NORTH = 'bulletins:region.north';
const CHANNELS = [ALL, NORTH];

function item(id: string, channel: string, arrivedAt: number, alsoIn: readonly string[] = []): BoardItem {
  const bulletin = { id, kind: 'update', texts: {} } as const;
  const first = { kind: 'bulletin', id, channel, generation: 0, offset: 1, arrivedAt, postedAt: arrivedAt, alsoIn, bulletin } as const;
  return { kind: 'bulletin', id, first, current: first, earlier: [], withdrawal: null, arrivedAt };
}

const counts = ({ byChannel }: UnreadCounts): (number | undefined)[] => CHANNELS.map((channel) => byChannel.get(channel));

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

  it('counts what came by two channels under both, and once in all', () => {
    const both = [item('e', ALL, 80, [NORTH])];
    const unread = unreadByChannel(both, new Set(['e']), everything(100));
    expect([counts(unread), unread.all]).toEqual([[1, 1], 1]);
    expect(unreadByChannel(both, new Set(['e']), chosen(everything(100), NORTH, CHANNELS, 110)).all).toBe(0);
  });

  it('grows by what comes into channels that are not shown, until they are', () => {
    const all = chosen(everything(100), ALL, CHANNELS, 110);
    expect(counts(unreadByChannel(items, sinceLeft, all))).toEqual([undefined, 1]);
    expect(counts(unreadByChannel(items, sinceLeft, chosen(all, NORTH, CHANNELS, 140)))).toEqual([undefined, undefined]);
    expect(counts(unreadByChannel(items, sinceLeft, chosen(all, null, CHANNELS, 140)))).toEqual([undefined, undefined]);
  });
});
