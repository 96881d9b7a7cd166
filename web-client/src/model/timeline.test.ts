import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.ts';
import { timeline } from './timeline.ts';
import { newSinceLeft } from './visit.ts';

function bulletin(id: string, place: Partial<Entry> & { postedAt?: number }): Entry {
  const placed = { channel: 'a', generation: 0, offset: 1, arrivedAt: 0, postedAt: 0, ...place };
  return { ...placed, kind: 'bulletin', id, bulletin: { id, kind: 'update', texts: { en: { title: id, body: '' } } } };
}

function gap(id: string, place: Partial<Entry>): Entry {
  return { channel: 'a', generation: 0, offset: 0, arrivedAt: 0, ...place, kind: 'gap', id };
}

const ids = (entries: readonly Entry[]): string[] => timeline(entries).map(({ id }) => id);

describe('the timeline', () => {
  it('keeps a channel in the order of its history, whatever the clocks said', () => {
    const one = bulletin('one', { offset: 1, postedAt: 500 });
    const two = bulletin('two', { offset: 2, postedAt: 100 });
    const three = bulletin('three', { offset: 3, postedAt: 600 });
    expect(ids([three, one, two])).toEqual(['three', 'two', 'one']);
  });

  it('mixes channels by time without breaking the order inside any', () => {
    const entries = [
      bulletin('a1', { channel: 'a', offset: 1, postedAt: 100 }),
      bulletin('a2', { channel: 'a', offset: 2, postedAt: 300 }),
      bulletin('b1', { channel: 'b', offset: 1, postedAt: 200 }),
      bulletin('b2', { channel: 'b', offset: 2, postedAt: 50 }),
    ];
    expect(ids(entries)).toEqual(['a2', 'b2', 'b1', 'a1']);
  });

  it('puts a new generation above the old one although its numbers begin again', () => {
    const entries = [
      bulletin('old', { generation: 0, offset: 40, postedAt: 100 }),
      bulletin('new', { generation: 1, offset: 1, postedAt: 100 }),
    ];
    expect(ids(entries)).toEqual(['new', 'old']);
  });

  it('shows a gap between what was before it and what came after', () => {
    const entries = [
      bulletin('before', { offset: 3, postedAt: 100 }),
      gap('gap', { offset: 3, arrivedAt: 999 }),
      bulletin('after', { offset: 9, postedAt: 900 }),
      bulletin('other', { channel: 'b', postedAt: 500 }),
    ];
    expect(ids(entries)).toEqual(['after', 'gap', 'other', 'before']);
  });

  it('shows a gap with nothing after it on top of its channel', () => {
    expect(ids([bulletin('before', { postedAt: 100 }), gap('gap', { offset: 1, arrivedAt: 200 })])).toEqual(['gap', 'before']);
  });
});

describe('new since you left', () => {
  const seen = bulletin('seen', { offset: 1, arrivedAt: 10 });
  const missed = bulletin('missed', { offset: 2, arrivedAt: 60 });
  const watched = bulletin('watched', { offset: 3, arrivedAt: 90 });
  const newestFirst = [watched, missed, seen];

  it('is what arrived between leaving and having caught up', () => {
    expect(newSinceLeft(newestFirst, { leftAt: 50, caughtUpAt: 70 })).toEqual({
      ids: new Set(['missed']),
      firstId: 'missed',
      lastId: 'missed',
    });
  });

  it('grows while catching up', () => {
    expect(newSinceLeft(newestFirst, { leftAt: 50, caughtUpAt: null })?.ids.size).toBe(2);
  });

  it('is nothing on a first visit, or when nothing came', () => {
    expect(newSinceLeft(newestFirst, { leftAt: null, caughtUpAt: null })).toBeNull();
    expect(newSinceLeft([seen], { leftAt: 50, caughtUpAt: 70 })).toBeNull();
  });
});
