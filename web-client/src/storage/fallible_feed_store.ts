import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';
import type { Durability } from './durability.ts';
import type { FeedStore, SavedFeed } from './feed_store.ts';
import { MemoryFeedStore } from './memory_feed_store.ts';

/**
 * Goes over to memory at the first failed write, for good: storing a later position after a lost entry would hide
 * that entry forever, while the last stored position makes the next load read everything since.
 */
export class FallibleFeedStore implements FeedStore {
  readonly #durable: FeedStore;
  readonly #memory = new MemoryFeedStore();
  readonly #durability: Durability;

  constructor(durable: FeedStore, durability: Durability) {
    this.#durable = durable;
    this.#durability = durability;
  }

  async load(): Promise<SavedFeed> {
    return this.#try((store) => store.load());
  }

  async record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<boolean> {
    return this.#try((store) => store.record(channel, bookmark, entries));
  }

  async setCurrentAsOf(time: number): Promise<void> {
    await this.#try((store) => store.setCurrentAsOf(time));
  }

  async #try<T>(action: (store: FeedStore) => Promise<T>): Promise<T> {
    return this.#durability.attempt(
      async () => action(this.#durable),
      async () => action(this.#memory),
    );
  }
}
