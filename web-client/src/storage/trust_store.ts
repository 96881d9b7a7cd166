import type { SignatureCheck } from '../model/signed.ts';
import type { Stores } from './stores.ts';

/** Rows about who may sign. `key` is the organiser's own, and is given back as the browser gave it. */
export type TrustRow = 'anchor' | 'key' | 'manifest' | 'refused';

/** What this device keeps of who may sign, and of what it verified. */
export interface TrustStore {
  get(row: TrustRow): Promise<unknown>;
  put(row: TrustRow, value: unknown): Promise<void>;
  remove(row: TrustRow): Promise<void>;
  checks(): Promise<readonly SignatureCheck[]>;
  /** A store that fails keeps nothing, and what was verified is verified again. */
  keepChecks(checks: readonly SignatureCheck[]): Promise<void>;
  /** Whether what is put outlives this page. */
  readonly isDurable: boolean;
}

/** Checks beyond this number are dropped when they are read, the oldest bulletins' first. */
export const MAX_SAVED_CHECKS = 5_000;

export function openTrustStore({ later }: Pick<Stores, 'later'>): TrustStore {
  return later === null ? new MemoryTrustStore() : new IndexedTrustStore(later);
}

type Later = NonNullable<Stores['later']>;

export class IndexedTrustStore implements TrustStore {
  readonly isDurable = true;
  readonly #database: Later['database'];
  readonly #owner: Later['owner'];

  constructor({ database, owner }: Later) {
    this.#database = database;
    this.#owner = owner;
  }

  async get(row: TrustRow): Promise<unknown> {
    return this.#database.get('trust', row);
  }

  async put(row: TrustRow, value: unknown): Promise<void> {
    const transaction = this.#database.transaction(['trust', 'facts'], 'readwrite');
    if (await this.#owner.stillHas(transaction.objectStore('facts'))) await transaction.objectStore('trust').put(value, row);
    await transaction.done;
  }

  async remove(row: TrustRow): Promise<void> {
    await this.#database.delete('trust', row);
  }

  async checks(): Promise<readonly SignatureCheck[]> {
    const transaction = this.#database.transaction('checks', 'readwrite');
    // Ids of newer bulletins come first.
    const checks = await transaction.store.getAll();
    await Promise.all(checks.splice(MAX_SAVED_CHECKS).map(({ id }) => transaction.store.delete(id)));
    await transaction.done;
    return checks;
  }

  async keepChecks(checks: readonly SignatureCheck[]): Promise<void> {
    const transaction = this.#database.transaction(['checks', 'facts'], 'readwrite');
    if (await this.#owner.stillHas(transaction.objectStore('facts'))) {
      for (const check of checks) await transaction.objectStore('checks').put(check);
    }
    await transaction.done;
  }
}

/** Where the browser keeps nothing, the page remembers while it is open. */
export class MemoryTrustStore implements TrustStore {
  readonly isDurable = false;
  readonly #rows = new Map<TrustRow, unknown>();

  async get(row: TrustRow): Promise<unknown> {
    return this.#rows.get(row);
  }

  async put(row: TrustRow, value: unknown): Promise<void> {
    this.#rows.set(row, value);
  }

  async remove(row: TrustRow): Promise<void> {
    this.#rows.delete(row);
  }

  async checks(): Promise<readonly SignatureCheck[]> {
    return [];
  }

  async keepChecks(): Promise<void> {}
}
