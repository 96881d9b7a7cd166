import { openDatabase } from './database.ts';
import { FallibleFeedStore } from './fallible_feed_store.ts';
import type { FeedStore } from './feed_store.ts';
import { IndexedFeedStore } from './indexed_feed_store.ts';
import { IndexedMemberStore, MemoryMemberStore, type MemberStore } from './member_store.ts';
import { MemoryFeedStore } from './memory_feed_store.ts';
import { IndexedOutboxStore, MemoryOutboxStore, type OutboxStore } from './outbox_store.ts';

export interface Stores {
  readonly feed: FeedStore;
  readonly members: MemberStore;
  readonly outbox: OutboxStore;
  readonly isDurable: boolean;
}

/** Some browsers refuse IndexedDB in private windows. Then the app works, and says that it keeps nothing. */
export async function openStores(failedLater: () => void): Promise<Stores> {
  try {
    const database = await openDatabase('holdfast');
    return {
      feed: new FallibleFeedStore(new IndexedFeedStore(database), failedLater),
      members: new IndexedMemberStore(database),
      outbox: new IndexedOutboxStore(database),
      isDurable: true,
    };
  } catch {
    return { feed: new MemoryFeedStore(), members: new MemoryMemberStore(), outbox: new MemoryOutboxStore(), isDurable: false };
  }
}
