import { FallibleConversationStore, IndexedConversationStore, MemoryConversationStore, type ConversationStore } from './conversation_store.ts';
import { openDatabase, type Database } from './database.ts';
import { Durability } from './durability.ts';
import { FallibleFeedStore } from './fallible_feed_store.ts';
import { FallibleMemberStore } from './fallible_member_store.ts';
import type { FeedStore } from './feed_store.ts';
import { IndexedFeedStore } from './indexed_feed_store.ts';
import { IndexedMemberStore, MemoryMemberStore, type MemberStore } from './member_store.ts';
import { MemoryFeedStore } from './memory_feed_store.ts';
import { IndexedOutboxStore, MemoryOutboxStore, type OutboxStore } from './outbox_store.ts';
import { Owner } from './owner.ts';
import { IndexedReceiptStore, MemoryReceiptStore, type ReceiptStore } from './receipt_store.ts';

export interface Stores {
  readonly feed: FeedStore;
  readonly members: MemberStore;
  readonly outbox: OutboxStore;
  readonly conversations: ConversationStore;
  readonly receipts: ReceiptStore;
  /** For what is kept by parts that come later; `null`: this browser keeps nothing. */
  readonly later: { readonly database: Database; readonly owner: Owner } | null;
  readonly isDurable: boolean;
}

export interface StoreEvents {
  readonly failed: () => void;
  /** Another tab gave the database to another member, or took it from this one. */
  readonly ownerChanged: () => void;
}

/** Some browsers refuse IndexedDB in private windows. Then the app works, and says that it keeps nothing. */
export async function openStores({ failed, ownerChanged }: StoreEvents): Promise<Stores> {
  try {
    const database = await openDatabase('holdfast');
    const owner = new Owner(ownerChanged);
    const durability = new Durability(failed);
    return {
      feed: new FallibleFeedStore(new IndexedFeedStore(database, owner), durability),
      members: new FallibleMemberStore(new IndexedMemberStore(database, owner), durability),
      outbox: new IndexedOutboxStore(database, owner),
      conversations: new FallibleConversationStore(new IndexedConversationStore(database, owner), durability),
      receipts: new IndexedReceiptStore(database, owner, durability),
      later: { database, owner },
      isDurable: true,
    };
  } catch {
    return {
      feed: new MemoryFeedStore(),
      members: new MemoryMemberStore(),
      outbox: new MemoryOutboxStore(),
      conversations: new MemoryConversationStore(),
      receipts: new MemoryReceiptStore(),
      later: null,
      isDurable: false,
    };
  }
}
