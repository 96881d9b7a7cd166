import { openDB, type IDBPDatabase } from 'idb';

/** Where the device's key is kept. A key that cannot be read out can be kept by IndexedDB alone. */
export interface DeviceKeyStore {
  load(): Promise<CryptoKeyPair | null>;
  keep(pair: CryptoKeyPair): Promise<void>;
  remove(): Promise<void>;
}

/** A database of its own: the key belongs to the device, and stays when what was read is emptied for another member. */
const DATABASE = 'holdfast-device';
const STORE = 'keys';
const KEY = 'device';

export class IndexedDeviceKeyStore implements DeviceKeyStore {
  /** Where the browser keeps nothing, for as long as the page is open. */
  #inMemory: CryptoKeyPair | null = null;

  async load(): Promise<CryptoKeyPair | null> {
    return this.#attempt(
      async (database) => {
        const kept: unknown = await database.get(STORE, KEY);
        return isPair(kept) ? kept : null;
      },
      () => this.#inMemory,
    );
  }

  async keep(pair: CryptoKeyPair): Promise<void> {
    this.#inMemory = pair;
    await this.#attempt(
      async (database) => void (await database.put(STORE, pair, KEY)),
      () => {},
    );
  }

  async remove(): Promise<void> {
    this.#inMemory = null;
    await this.#attempt(
      async (database) => database.delete(STORE, KEY),
      () => {},
    );
  }

  async #attempt<T>(durable: (database: IDBPDatabase) => Promise<T>, memory: () => T): Promise<T> {
    try {
      const database = await openDB(DATABASE, 1, { upgrade: (created) => void created.createObjectStore(STORE) });
      try {
        return await durable(database);
      } finally {
        database.close();
      }
    } catch {
      return memory();
    }
  }
}

function isPair(value: unknown): value is CryptoKeyPair {
  return typeof value === 'object' && value !== null && 'privateKey' in value && 'publicKey' in value;
}
