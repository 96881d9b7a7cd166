import { mergedReceipt, type ReceiptRecord } from '../model/receipt.ts';
import type { Database } from './database.ts';
import type { Durability } from './durability.ts';
import type { Owner } from './owner.ts';

/** What this device keeps of its receipts, so that closing it loses none. */
export interface ReceiptStore {
  load(): Promise<readonly ReceiptRecord[]>;
  /** Keeps them together with what another tab kept. A store that fails has said so, and keeps nothing. */
  put(records: readonly ReceiptRecord[]): Promise<void>;
}

/** Those of the oldest bulletins beyond this number are dropped when they are read. */
export const MAX_SAVED_RECEIPTS = 5_000;

export class IndexedReceiptStore implements ReceiptStore {
  readonly #database: Database;
  readonly #owner: Owner;
  readonly #durability: Durability;

  constructor(database: Database, owner: Owner, durability: Durability) {
    this.#database = database;
    this.#owner = owner;
    this.#durability = durability;
  }

  async load(): Promise<readonly ReceiptRecord[]> {
    return this.#durability.attempt(
      async () => {
        const transaction = this.#database.transaction('receipts', 'readwrite');
        // Ids of newer bulletins come first.
        const records = await transaction.store.getAll();
        await Promise.all(records.splice(MAX_SAVED_RECEIPTS).map(({ id }) => transaction.store.delete(id)));
        await transaction.done;
        return records;
      },
      async () => [],
    );
  }

  async put(records: readonly ReceiptRecord[]): Promise<void> {
    await this.#durability.attempt(
      async () => {
        const transaction = this.#database.transaction(['receipts', 'facts'], 'readwrite');
        const store = transaction.objectStore('receipts');
        if (await this.#owner.stillHas(transaction.objectStore('facts'))) {
          for (const record of records) {
            const kept = await store.get(record.id);
            await store.put(kept === undefined ? record : mergedReceipt(kept, record));
          }
        }
        await transaction.done;
      },
      async () => {},
    );
  }
}

/** Where the browser keeps nothing, the page remembers by itself while it is open. */
export class MemoryReceiptStore implements ReceiptStore {
  async load(): Promise<readonly ReceiptRecord[]> {
    return [];
  }

  async put(): Promise<void> {}
}
