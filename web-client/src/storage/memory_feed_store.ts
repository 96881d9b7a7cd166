import { withRepeat, type Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import { laterBookmark, type FeedStore, type SavedFeed } from './feed_store.ts';

/** For browsers that keep nothing: after a reload everything is read again from the server. */
export class MemoryFeedStore implements FeedStore {
  readonly #entries = new Map<string, Entry>();
  readonly #bookmarks = new Map<string, Bookmark>();
  #currentAsOf: number | null = null;

  async load(): Promise<SavedFeed> {
    return { entries: [...this.#entries.values()], bookmarks: new Map(this.#bookmarks), currentAsOf: this.#currentAsOf };
  }

  async record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<boolean> {
    for (const entry of entries) {
      const first = this.#entries.get(entry.id);
      this.#entries.set(entry.id, first === undefined ? entry : withRepeat(first, entry));
    }
    this.#bookmarks.set(channel, laterBookmark(this.#bookmarks.get(channel), bookmark));
    return true;
  }

  async setCurrentAsOf(time: number): Promise<void> {
    this.#currentAsOf = time;
  }
}
