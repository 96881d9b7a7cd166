import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { Database } from './database.ts';
import { laterBookmark, type FeedStore, type SavedFeed } from './feed_store.ts';

/** Oldest entries beyond this number are dropped when the feed is opened, so that a phone's store stays bounded. */
export const MAX_SAVED_ENTRIES = 5_000;

export class IndexedFeedStore implements FeedStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
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

  async record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<readonly Entry[]> {
    const transaction = this.#database.transaction(['entries', 'bookmarks'], 'readwrite');
    const store = transaction.objectStore('entries');
    const bookmarks = transaction.objectStore('bookmarks');
    const fresh: Entry[] = [];
    const seen = new Set<string>();
    for (const entry of entries) {
      if (seen.has(entry.id) || (await store.getKey(entry.id)) !== undefined) continue;
      seen.add(entry.id);
      fresh.push(entry);
    }
    await Promise.all([
      ...fresh.map((entry) => store.put(entry)),
      bookmarks.get(channel).then((kept) => bookmarks.put(laterBookmark(kept, bookmark), channel)),
    ]);
    await transaction.done;
    return fresh;
  }

  async setCurrentAsOf(time: number): Promise<void> {
    await this.#database.put('facts', time, 'current_as_of');
  }
}
