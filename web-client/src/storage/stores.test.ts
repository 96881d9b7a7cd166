import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { Member } from '../model/session.ts';
import { openDatabase, type Database } from './database.ts';
import { Durability } from './durability.ts';
import { FallibleFeedStore } from './fallible_feed_store.ts';
import type { FeedStore } from './feed_store.ts';
import { IndexedFeedStore, MAX_SAVED_ENTRIES } from './indexed_feed_store.ts';
import { IndexedMemberStore } from './member_store.ts';
import { MemoryFeedStore } from './memory_feed_store.ts';
import { IndexedOutboxStore } from './outbox_store.ts';
import { MIGRATIONS } from './migrations.ts';
import { Owner } from './owner.ts';
import { IndexedReceiptStore } from './receipt_store.ts';

let database: Database;
let owner: Owner;
let ownerChanges: number;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase('test');
  ownerChanges = 0;
  owner = new Owner(() => (ownerChanges += 1));
});

const entry = (id: string, offset: number): Entry => ({
  kind: 'unreadable',
  id,
  channel: 'c',
  generation: 0,
  offset,
  arrivedAt: offset,
  postedAt: offset,
});
const mark = (offset: number, generation = 0): Bookmark => ({ generation, position: { epoch: 'e', offset } });
const member = (id: string): Member => ({ id, name: null, roles: ['activist'] });

describe.each([
  ['in IndexedDB', () => new IndexedFeedStore(database, owner)],
  ['in memory', () => new MemoryFeedStore()],
] as [string, () => FeedStore][])('the feed kept %s', (_where, make) => {
  it('keeps the first of repeats, and the bookmark', async () => {
    const store = make();
    expect(await store.record('c', mark(2), [entry('a', 1), entry('b', 2)])).toBe(true);
    expect(await store.record('c', mark(4), [entry('b', 3), entry('d', 4), entry('d', 4)])).toBe(true);
    const saved = await store.load();
    expect(saved.entries.map(({ id, offset }) => `${id}${offset}`).sort()).toEqual(['a1', 'b2', 'd4']);
    expect(saved.bookmarks.get('c')).toEqual(mark(4));
  });

  it('keeps by which other channels a bulletin came', async () => {
    const store = make();
    const first: Entry = { ...entry('a', 1), kind: 'bulletin', postedAt: 1, bulletin: { id: 'a', kind: 'update', texts: {} } };
    const again: Entry = { ...first, channel: 'd', offset: 7 };
    await store.record('c', mark(1), [first]);
    await store.record('d', mark(7), [again, again]);
    expect((await store.load()).entries).toEqual([{ ...first, alsoIn: ['d'] }]);
  });

  it('never moves a bookmark back, except into a newer generation', async () => {
    const store = make();
    await store.record('c', mark(9), []);
    await store.record('c', mark(4), []);
    expect((await store.load()).bookmarks.get('c')).toEqual(mark(9));
    await store.record('c', mark(1, 1), []);
    await store.record('c', mark(10, 0), []);
    expect((await store.load()).bookmarks.get('c')).toEqual(mark(1, 1));
  });
});

describe('the feed in IndexedDB', () => {
  it('survives a restart and stays bounded', async () => {
    const entries = Array.from({ length: MAX_SAVED_ENTRIES + 2 }, (_, n) => entry(`n${n}`, n));
    const store = new IndexedFeedStore(database, owner);
    await store.record('c', mark(entries.length), entries);
    await store.setCurrentAsOf(77);
    database.close();
    const reopened = new IndexedFeedStore(await openDatabase('test'), owner);
    const saved = await reopened.load();
    expect(saved.entries.length).toBe(MAX_SAVED_ENTRIES);
    expect(saved.entries.some(({ id }) => id === 'n0')).toBe(false);
    expect(saved.currentAsOf).toBe(77);
  });
});

describe('a store that breaks', () => {
  it('is left for memory at once', async () => {
    let failed = 0;
    const durable = new IndexedFeedStore(database, owner);
    const store = new FallibleFeedStore(durable, new Durability(() => (failed += 1)));
    await store.record('c', mark(1), [entry('a', 1)]);
    database.close();
    expect(await store.record('c', mark(3), [entry('b', 3)])).toBe(true);
    await store.setCurrentAsOf(5);
    expect(failed).toBe(1);
  });
});

describe('the outbox', () => {
  it('reads what an older version wrote', async () => {
    await new IndexedMemberStore(database, owner).moveIn(member('m_1'));
    const bulletin = { id: 'o', kind: 'update', texts: {} } as const;
    await database.put('outbox', { id: 'o', channel: 'c', bulletin, createdAt: 1, state: { kind: 'waiting' } });
    const [item] = await new IndexedOutboxStore(database, owner).all();
    expect(item).toEqual({
      id: 'o',
      author: 'm_1',
      letter: { kind: 'message', channel: 'c', bulletin },
      createdAt: 1,
      state: { kind: 'waiting' },
    });
  });
});

describe('receipts', () => {
  const id = `b${'0'.repeat(31)}`;
  const store = (of = database): IndexedReceiptStore => new IndexedReceiptStore(of, owner, new Durability(() => {}));

  it('are kept over a restart, and two tabs know together what each knows', async () => {
    await new IndexedMemberStore(database, owner).moveIn(member('m_1'));
    await store().put([{ id, received: 'told', acknowledged: null }]);
    await store(await openDatabase('test')).put([{ id, received: 'waiting', acknowledged: 'waiting' }]);
    expect(await store().load()).toEqual([{ id, received: 'told', acknowledged: 'waiting' }]);
  });

  it('go with the reading of a member who signed out', async () => {
    const members = new IndexedMemberStore(database, owner);
    await members.moveIn(member('m_1'));
    await store().put([{ id, received: 'told', acknowledged: null }]);
    await members.forgetReading();
    expect(await store().load()).toEqual([]);
  });
});

describe('an older database', () => {
  it('has its bulletins read again, because only their text was kept', async () => {
    const old = await openDB('old', 1, { upgrade: (database) => MIGRATIONS[0]?.(database as unknown as Database) });
    await old.put('entries', entry('a', 1));
    await old.put('facts', member('m_1'), 'member');
    old.close();
    const migrated = await openDatabase('old');
    expect(await migrated.getAll('entries')).toEqual([]);
    expect(await migrated.get('facts', 'member')).toEqual(member('m_1'));
  });
});

describe('whose data it is', () => {
  it('keeps what the same member wrote and removes all of another', async () => {
    const members = new IndexedMemberStore(database, owner);
    const outbox = new IndexedOutboxStore(database, owner);
    expect(await members.moveIn(member('m_1'))).toBe(false);
    const letter = { kind: 'reply', text: 't', about: null, isComplaint: false } as const;
    await outbox.put({ id: 'o', author: 'm_1', letter, createdAt: 1, state: { kind: 'waiting' } });
    await new IndexedFeedStore(database, owner).record('c', mark(1), [entry('a', 1)]);

    await members.forgetReading();
    expect(await members.load()).toBeNull();
    expect((await new IndexedFeedStore(database, owner).load()).entries).toEqual([]);
    expect(await members.moveIn(member('m_1'))).toBe(false);
    expect((await outbox.all()).length).toBe(1);

    expect(await members.moveIn(member('m_2'))).toBe(true);
    expect(await outbox.all()).toEqual([]);
    expect(await members.load()).toEqual(member('m_2'));
  });

  it('writes nothing of a tab whose member another tab signed out', async () => {
    const members = new IndexedMemberStore(database, owner);
    await members.moveIn(member('m_1'));
    const feed = new IndexedFeedStore(database, owner);
    const outbox = new IndexedOutboxStore(database, owner);
    expect(await feed.record('c', mark(1), [entry('a', 1)])).toBe(true);

    const there = await openDatabase('test');
    const otherOwner = new Owner(() => {});
    const otherTab = new IndexedMemberStore(there, otherOwner);
    await otherTab.forgetAll();
    expect(await feed.record('c', mark(2), [entry('b', 2)])).toBe(false);
    await otherTab.moveIn(member('m_2'));
    expect(await feed.record('c', mark(3), [entry('d', 3)])).toBe(false);
    await feed.setCurrentAsOf(9);
    const letter = { kind: 'reply', text: 't', about: null, isComplaint: false } as const;
    const item = { id: 'o', author: 'm_1', letter, createdAt: 1, state: { kind: 'waiting' } } as const;
    await outbox.put(item);
    await expect(outbox.add(item)).rejects.toThrow('another member');

    const left = await new IndexedFeedStore(there, otherOwner).load();
    expect([left.entries, left.bookmarks.size, left.currentAsOf]).toEqual([[], 0, null]);
    expect(await outbox.all()).toEqual([]);
    expect(ownerChanges).toBe(5);
  });
});
