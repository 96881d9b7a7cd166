import type { OutboxItem } from '../model/outbox_item.ts';
import type { Database } from './database.ts';

export interface OutboxStore {
  all(): Promise<readonly OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(id: string): Promise<void>;
}

export class IndexedOutboxStore implements OutboxStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async all(): Promise<readonly OutboxItem[]> {
    return this.#database.getAll('outbox');
  }

  async put(item: OutboxItem): Promise<void> {
    await this.#database.put('outbox', item);
  }

  async remove(id: string): Promise<void> {
    await this.#database.delete('outbox', id);
  }
}

export class MemoryOutboxStore implements OutboxStore {
  readonly #items = new Map<string, OutboxItem>();

  async all(): Promise<readonly OutboxItem[]> {
    return [...this.#items.values()];
  }

  async put(item: OutboxItem): Promise<void> {
    this.#items.set(item.id, item);
  }

  async remove(id: string): Promise<void> {
    this.#items.delete(id);
  }
}
