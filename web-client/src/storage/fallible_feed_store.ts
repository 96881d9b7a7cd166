import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { FeedStore, SavedFeed } from './feed_store.ts';
import { MemoryFeedStore } from './memory_feed_store.ts';

/**
 * Goes over to memory at the first failed write, for good: storing a later position after a lost entry would hide
 * that entry forever, while the last stored position makes the next load read everything since.
 */
export class FallibleFeedStore implements FeedStore {
  readonly #durable: FeedStore;
  readonly #memory = new MemoryFeedStore();
  readonly #failed: () => void;
  #works = true;

  constructor(durable: FeedStore, failed: () => void) {
    this.#durable = durable;
    this.#failed = failed;
  }

  async load(): Promise<SavedFeed> {
    const saved = await this.#try((store) => store.load());
    // Memory has to know what is a repeat if it ever takes over.
    for (const entry of saved.entries) {
      const bookmark = saved.bookmarks.get(entry.channel);
      if (bookmark !== undefined) await this.#memory.record(entry.channel, bookmark, [entry]);
    }
    return saved;
  }

  async record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<readonly Entry[]> {
    const fresh = await this.#try((store) => store.record(channel, bookmark, entries));
    if (this.#works) await this.#memory.record(channel, bookmark, fresh);
    return fresh;
  }

  async setCurrentAsOf(time: number): Promise<void> {
    await this.#try((store) => store.setCurrentAsOf(time));
  }

  async #try<T>(action: (store: FeedStore) => Promise<T>): Promise<T> {
    if (this.#works) {
      try {
        return await action(this.#durable);
      } catch {
        this.#works = false;
        this.#failed();
      }
    }
    return action(this.#memory);
  }
}
