import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { NOTHING_READ, type Bookmark } from '../model/position.ts';
import { MemoryFeedStore } from '../storage/memory_feed_store.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { FakeLink, publicationOf } from '../testing/fake_link.ts';
import { settle } from '../testing/settle.ts';
import { Follower } from './follower.ts';

const CHANNEL = 'bulletins:all';
let link: FakeLink;
let store: MemoryFeedStore;
let clock: FakeClock;
let shown: string[];

beforeEach(() => {
  link = new FakeLink();
  store = new MemoryFeedStore();
  clock = new FakeClock();
  shown = [];
});

function follow(bookmark: Bookmark = NOTHING_READ, recording: MemoryFeedStore = store): Follower {
  const parts = { channel: CHANNEL, link, store: recording, clock, random: () => 0, arrived: show, progressed: () => {} };
  const follower = new Follower(parts, bookmark);
  follower.start();
  return follower;
}

function show(entries: readonly Entry[]): void {
  shown.push(...entries.map(({ id }) => id));
}

const bookmark = async (): Promise<Bookmark | undefined> => (await store.load()).bookmarks.get(CHANNEL);
const at = (epoch: string, offset: number) => ({ epoch, offset });

describe('following a channel', () => {
  it('asks for everything the first time, and from the bookmark later', () => {
    follow();
    expect(link.followed.get(CHANNEL)?.since).toEqual(at('', 0));
    follow({ position: at('e', 7), generation: 0 });
    expect(link.followed.get(CHANNEL)?.since).toEqual(at('e', 7));
  });

  it('keeps the place with the bulletins, and tells how far it is', async () => {
    const follower = follow();
    const handler = link.handler(CHANNEL);
    handler.subscribed({ continued: true, position: at('e', 0), top: 3 });
    handler.publication(publicationOf('a', 1));
    handler.publication(publicationOf('b', 2));
    await follower.settled();
    expect(shown).toEqual(['a', 'b']);
    expect(await bookmark()).toEqual({ position: at('e', 2), generation: 0 });
    expect(follower.progress).toEqual({ kind: 'reading', from: 0, at: 2, top: 3 });
  });

  it('stores before it shows', async () => {
    const order: string[] = [];
    class Watched extends MemoryFeedStore {
      override async record(...step: Parameters<MemoryFeedStore['record']>): Promise<boolean> {
        const isOurs = await super.record(...step);
        await settle();
        order.push(`stored, ${shown.length} shown`);
        return isOurs;
      }
    }
    const follower = follow(NOTHING_READ, new Watched());
    link.handler(CHANNEL).subscribed({ continued: true, position: at('e', 0), top: 1 });
    link.handler(CHANNEL).publication(publicationOf('a', 1));
    await follower.settled();
    expect(order.at(-1)).toBe('stored, 0 shown');
    expect(shown).toEqual(['a']);
  });

  it('keeps one of repeats by message id, also within one delivery', async () => {
    const follower = follow();
    const handler = link.handler(CHANNEL);
    handler.subscribed({ continued: true, position: at('e', 0), top: 3 });
    handler.publication(publicationOf('a', 1));
    handler.publication(publicationOf('a', 2));
    await follower.settled();
    handler.publication(publicationOf('a', 3));
    await follower.settled();
    expect((await store.load()).entries.map(({ id }) => id)).toEqual(['a']);
    expect((await bookmark())?.position.offset).toBe(3);
  });

  it('keeps the place of a message that it cannot show', async () => {
    const follower = follow();
    link.handler(CHANNEL).subscribed({ continued: true, position: at('e', 0), top: 1 });
    link.handler(CHANNEL).publication({ data: { surprise: true }, isFromService: true, offset: 1, postedAt: null });
    await follower.settled();
    expect((await store.load()).entries[0]).toMatchObject({ kind: 'unreadable', offset: 1 });
    expect((await bookmark())?.position.offset).toBe(1);
  });

  it('goes on under a new epoch that the server vouches for', async () => {
    const follower = follow({ position: at('old', 5), generation: 2 });
    link.handler(CHANNEL).subscribed({ continued: true, position: at('new', 5), top: 6 });
    link.handler(CHANNEL).publication(publicationOf('f', 6));
    await follower.settled();
    expect(await bookmark()).toEqual({ position: at('new', 6), generation: 2 });
    expect((await store.load()).entries.map(({ kind }) => kind)).toEqual(['bulletin']);
  });

  it('shows the newest of a long history first, and then reads all of it in order', async () => {
    const publications = Array.from({ length: 40 }, (_, n) => publicationOf(`n${n + 1}`, n + 1));
    link.answers = [
      { kind: 'page', publications: publications.slice(30).toReversed(), top: at('e', 40) },
      { kind: 'page', publications, top: at('e', 40) },
    ];
    const follower = follow();
    link.handler(CHANNEL).subscribed({ continued: true, position: at('e', 40), top: 40 });
    await settle();
    expect(shown.slice(0, 2)).toEqual(['n40', 'n39']);
    await follower.settled();
    expect(link.asked.map(({ since }) => since)).toEqual(['newest', at('e', 0)]);
    expect((await store.load()).entries).toHaveLength(40);
    expect(await bookmark()).toEqual({ position: at('e', 40), generation: 0 });
  });

  it('reads a history whose newest it could not have first', async () => {
    const publications = Array.from({ length: 20 }, (_, n) => publicationOf(`n${n + 1}`, n + 1));
    link.answers = [{ kind: 'later' }, { kind: 'page', publications, top: at('e', 20) }];
    const follower = follow();
    link.handler(CHANNEL).subscribed({ continued: true, position: at('e', 20), top: 20 });
    await follower.settled();
    expect(shown).toHaveLength(20);
  });

  it('does not count a refused channel', () => {
    const follower = follow();
    link.handler(CHANNEL).refused(103);
    expect(follower.progress).toEqual({ kind: 'refused' });
  });
});

describe('a gap', () => {
  it('is shown, and what is still kept is read from the history', async () => {
    link.answers = [
      { kind: 'page', publications: [publicationOf('x', 8), publicationOf('y', 9)], top: at('e', 10) },
      { kind: 'page', publications: [publicationOf('z', 10)], top: at('e', 10) },
    ];
    const follower = follow({ position: at('e', 5), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('e', 10), top: 10 });
    link.handler(CHANNEL).publication(publicationOf('live', 11));
    await follower.settled();
    expect(shown).toEqual(['gap bulletins:all 0 5', 'x', 'y', 'z', 'live']);
    expect(link.asked.map(({ since }) => since)).toEqual([null, at('e', 9)]);
    expect(await bookmark()).toEqual({ position: at('e', 11), generation: 0 });
  });

  it('begins a new generation when the history is another one', async () => {
    link.answers = [{ kind: 'page', publications: [publicationOf('n', 2)], top: at('new', 2) }];
    const follower = follow({ position: at('old', 50), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('new', 2), top: 2 });
    await follower.settled();
    expect(await bookmark()).toEqual({ position: at('new', 2), generation: 1 });
    expect(shown).toEqual(['gap bulletins:all 1 0', 'n']);
  });

  it('waits for the history rather than skip what it holds', async () => {
    link.answers = [{ kind: 'later' }, { kind: 'page', publications: [publicationOf('x', 9)], top: at('e', 9) }];
    const follower = follow({ position: at('e', 5), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('e', 9), top: 9 });
    link.handler(CHANNEL).publication(publicationOf('live', 10));
    await settle();
    expect(await bookmark()).toEqual({ position: at('e', 5), generation: 0 });
    clock.advance(60_000);
    await follower.settled();
    expect(shown).toEqual(['gap bulletins:all 0 5', 'x', 'live']);
  });

  it('begins a new generation when the same history lost its end', async () => {
    link.answers = [{ kind: 'page', publications: [publicationOf('old', 80)], top: at('e', 80) }];
    const follower = follow({ position: at('e', 100), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('e', 80), top: 80 });
    await follower.settled();
    expect(await bookmark()).toEqual({ position: at('e', 80), generation: 1 });
    link.handler(CHANNEL).subscribed({ continued: true, position: at('f', 80), top: 81 });
    link.handler(CHANNEL).publication(publicationOf('next', 81));
    await follower.settled();
    expect(shown).toEqual(['gap bulletins:all 1 0', 'old', 'next']);
    expect(await bookmark()).toEqual({ position: at('f', 81), generation: 1 });
  });

  it('is shown again when the history goes away while it is read', async () => {
    link.answers = [
      { kind: 'page', publications: [publicationOf('x', 100)], top: at('e', 900) },
      { kind: 'refused', code: 112 },
      { kind: 'page', publications: [publicationOf('y', 900)], top: at('e', 900) },
    ];
    const follower = follow({ position: at('e', 5), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('e', 900), top: 900 });
    await follower.settled();
    expect(link.asked.map(({ since }) => since)).toEqual([null, at('e', 100), null]);
    expect(shown).toEqual(['gap bulletins:all 0 5', 'x', 'gap bulletins:all 0 100', 'y']);
    expect((await bookmark())?.position.offset).toBe(900);
  });

  it('does not count as read what the history refuses', async () => {
    link.answers = [{ kind: 'refused', code: 103 }];
    const follower = follow({ position: at('e', 5), generation: 0 });
    link.handler(CHANNEL).subscribed({ continued: false, position: at('e', 900), top: 900 });
    await follower.settled();
    expect((await bookmark())?.position.offset).toBe(5);
  });
});
