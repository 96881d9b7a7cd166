import { withRepeat, type Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { Database } from './database.ts';
import { laterBookmark, type FeedStore, type SavedFeed } from './feed_store.ts';
import type { Owner } from './owner.ts';

/** Oldest entries beyond this number are dropped when the feed is opened, so that a phone's store stays bounded. */
export const MAX_SAVED_ENTRIES = 5_000;

export class IndexedFeedStore implements FeedStore {
  readonly #database: Database;
  readonly #owner: Owner;

  constructor(database: Database, owner: Owner) {
    this.#database = database;
    this.#owner = owner;
  }

  async load(): Promise<SavedFeed> {
    const transaction = this.#database.transaction(['entries', 'bookmarks', 'facts'], 'readwrite');
    const entries = transaction.objectStore('entries');
    const bookmarks = transaction.objectStore('bookmarks');
    const [saved, channels, marks, asOf] = await Promise.all([
      entries.getAll(),
      bookmarks.getAllKeys(),
      bookmarks.getAll(),
      transaction.objectStore('facts').get('current_as_of'),
    ]);
    saved.sort((a, b) => b.arrivedAt - a.arrivedAt || b.offset - a.offset);
    await Promise.all(saved.splice(MAX_SAVED_ENTRIES).map(({ id }) => entries.delete(id)));
    await transaction.done;
    return {
      entries: saved,
      bookmarks: new Map(channels.flatMap((channel, i) => (marks[i] === undefined ? [] : [[channel, marks[i]]]))),
      currentAsOf: typeof asOf === 'number' ? asOf : null,
    };
  }

  async record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<boolean> {
    const transaction = this.#database.transaction(['entries', 'bookmarks', 'facts'], 'readwrite');
    const store = transaction.objectStore('entries');
    const bookmarks = transaction.objectStore('bookmarks');
    const isOurs = await this.#owner.stillHas(transaction.objectStore('facts'));
    if (isOurs) {
      for (const entry of entries) {
        const first = await store.get(entry.id);
        const kept = first === undefined ? entry : withRepeat(first, entry);
        if (kept !== first) await store.put(kept);
      }
      await bookmarks.put(laterBookmark(await bookmarks.get(channel), bookmark), channel);
    }
    await transaction.done;
    return isOurs;
  }

  async setCurrentAsOf(time: number): Promise<void> {
    const transaction = this.#database.transaction('facts', 'readwrite');
    if (await this.#owner.stillHas(transaction.store)) await transaction.store.put(time, 'current_as_of');
    await transaction.done;
  }
}
