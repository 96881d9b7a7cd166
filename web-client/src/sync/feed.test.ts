import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryFeedStore } from '../storage/memory_feed_store.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { FakeLink, publicationOf } from '../testing/fake_link.ts';
import { settle } from '../testing/settle.ts';
import { Feed, type FeedSnapshot } from './feed.ts';
import type { HistoryAnswer } from './link.ts';

const ALL = 'bulletins:all';
const INBOX = 'inbox#m_1';
let link: FakeLink;
let store: MemoryFeedStore;
let clock: FakeClock;
let last: FeedSnapshot;

function open(leftAt: number | null = null): Feed {
  return new Feed({ link, store, clock, random: () => 0, changed: (snapshot) => (last = snapshot) }, leftAt);
}

const ids = (): string[] => last.entries.map(({ id }) => id);

beforeEach(() => {
  link = new FakeLink();
  store = new MemoryFeedStore();
  clock = new FakeClock(10_000_000);
});

async function goLive(feed: Feed, channel = ALL, offset = 0): Promise<void> {
  feed.phaseChanged('connected');
  link.handler(channel).subscribed({ continued: true, position: { epoch: 'e', offset }, top: offset });
  await feed.settled();
}

describe('the feed', () => {
  it('shows what is saved before the network answers', async () => {
    const first = open();
    await first.load();
    first.follow([ALL]);
    await goLive(first);
    link.handler(ALL).publication(publicationOf('a', 1));
    await first.settled();

    const second = open();
    await second.load();
    expect(ids()).toEqual(['a']);
    expect(last.link).toEqual({ kind: 'connecting', savedAsOf: clock.now() });
  });

  it('is live when all channels are read, and offline with the time when it was last current', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL, INBOX]);
    await goLive(feed, ALL);
    expect(last.link.kind).toBe('connecting');
    await goLive(feed, INBOX);
    expect(last.link.kind).toBe('live');
    const liveAt = clock.now();
    clock.advance(20_000);
    feed.phaseChanged('lost');
    expect(last.link).toEqual({ kind: 'offline', savedAsOf: liveAt });
    clock.advance(600_000);
    expect(last.link).toEqual({ kind: 'offline', savedAsOf: liveAt });
  });

  it('tells of messages that came while it was live, and of no others', async () => {
    const shown: number[] = [];
    const parts = { link, store, clock, random: () => 0, changed: (snapshot: FeedSnapshot) => (last = snapshot) };
    const feed = new Feed({ ...parts, shownLive: (postedAt) => shown.push(postedAt) }, null);
    await feed.load();
    feed.follow([ALL]);
    feed.phaseChanged('connected');
    link.handler(ALL).subscribed({ continued: true, position: { epoch: 'e', offset: 0 }, top: 1 });
    link.handler(ALL).publication(publicationOf('missed', 1));
    await feed.settled();
    expect(shown).toEqual([]);
    expect(last.link.kind).toBe('live');
    link.handler(ALL).publication(publicationOf('live', 2));
    link.handler(ALL).publication(publicationOf('live', 3));
    await feed.settled();
    expect(shown).toHaveLength(1);
  });

  it('counts while catching up', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL]);
    feed.phaseChanged('connected');
    link.handler(ALL).subscribed({ continued: true, position: { epoch: 'e', offset: 0 }, top: 2 });
    link.handler(ALL).publication(publicationOf('a', 1));
    await feed.settled();
    expect(last.link).toEqual({ kind: 'catching-up', done: 1, of: 2 });
    link.handler(ALL).publication(publicationOf('b', 2));
    await feed.settled();
    expect(last.link).toEqual({ kind: 'live' });
  });

  it('marks the end of an absence when it has caught up', async () => {
    const feed = open(clock.now() - 5_000);
    await feed.load();
    feed.follow([ALL]);
    expect(last.visit.caughtUpAt).toBeNull();
    await goLive(feed);
    expect(last.visit).toEqual({ leftAt: clock.now() - 5_000, caughtUpAt: clock.now() });
  });

  it('stops reading a channel that the session no longer names', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL, INBOX]);
    feed.follow([ALL]);
    expect([...link.followed.keys()]).toEqual([ALL]);
  });

  it('forgets everything of a member who left', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL]);
    await goLive(feed);
    link.handler(ALL).publication(publicationOf('a', 1));
    await settle();
    await feed.clear();
    expect(ids()).toEqual([]);
    expect(link.followed.size).toBe(0);
  });

  it('shows in each of two tabs what arrives, once', async () => {
    const tabs = [new FakeLink(), new FakeLink()].map((itsLink) => {
      const tab = { itsLink, entries: [] as readonly string[] };
      const changed = ({ entries }: FeedSnapshot): void => void (tab.entries = entries.map(({ id }) => id));
      return { tab, itsLink, feed: new Feed({ link: itsLink, store, clock, random: () => 0, changed }, null) };
    });
    for (const { feed } of tabs) await feed.load();
    for (const { feed, itsLink } of tabs) {
      feed.follow([ALL]);
      itsLink.handler(ALL).subscribed({ continued: false, position: { epoch: 'e', offset: 0 }, top: 2 });
      for (const offset of [1, 2]) itsLink.handler(ALL).publication(publicationOf('a', offset));
      await feed.settled();
    }
    const shown = ['a', 'gap bulletins:all 0 0'];
    expect(tabs.map(({ tab }) => tab.entries)).toEqual([shown, shown]);
  });

  it('asks again for a refused channel at the next session', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL]);
    const refused = link.handler(ALL);
    refused.refused(103);
    feed.follow([ALL]);
    expect(link.handler(ALL)).not.toBe(refused);
  });

  it('writes nothing after it was cleared, however much was on its way', async () => {
    const feed = open();
    await feed.load();
    feed.follow([ALL]);
    let answer = (_page: HistoryAnswer): void => {};
    link.history = async () => new Promise((resolve) => (answer = resolve));
    link.handler(ALL).subscribed({ continued: false, position: { epoch: 'e', offset: 9 }, top: 9 });
    await settle();
    await feed.clear();
    const left = (await store.load()).entries.length;
    answer({ kind: 'page', publications: [publicationOf('late', 9)], top: { epoch: 'e', offset: 9 } });
    await settle();
    expect((await store.load()).entries.length).toBe(left);
  });
});
