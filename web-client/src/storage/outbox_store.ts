import type { Bulletin } from '../model/bulletin.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import { parseMember } from '../protocol/parse_session.ts';
import type { Database } from './database.ts';
import type { Owner } from './owner.ts';

export interface OutboxStore {
  all(): Promise<readonly OutboxItem[]>;
  /** Takes a new one in. `taken`: another has its id, from another tab. Rejects when it is not kept. */
  add(item: OutboxItem): Promise<'added' | 'taken'>;
  put(item: OutboxItem): Promise<void>;
  remove(id: string): Promise<void>;
}

interface Older {
  readonly letter?: undefined;
  readonly channel: string;
  readonly bulletin: Bulletin;
}

/** Of any version. */
export type KeptItem = Omit<OutboxItem, 'author' | 'letter'> & { readonly author?: string } & (Older | { readonly letter: OutboxItem['letter'] });

export class IndexedOutboxStore implements OutboxStore {
  readonly #database: Database;
  readonly #owner: Owner;

  constructor(database: Database, owner: Owner) {
    this.#database = database;
    this.#owner = owner;
  }

  async all(): Promise<readonly OutboxItem[]> {
    const transaction = this.#database.transaction(['outbox', 'facts']);
    const [items, last] = await Promise.all([
      transaction.objectStore('outbox').getAll(),
      transaction.objectStore('facts').get('last_member'),
    ]);
    const author = parseMember(last)?.id ?? '';
    return items.map((item) => upToDate(item, author));
  }

  async add(item: OutboxItem): Promise<'added' | 'taken'> {
    const transaction = this.#database.transaction(['outbox', 'facts'], 'readwrite');
    const outbox = transaction.objectStore('outbox');
    const isOurs = await this.#owner.stillHas(transaction.objectStore('facts'));
    const isTaken = isOurs && (await outbox.getKey(item.id)) !== undefined;
    if (isOurs && !isTaken) await outbox.add(item);
    await transaction.done;
    if (!isOurs) throw new Error('this device has another member now');
    return isTaken ? 'taken' : 'added';
  }

  async put(item: OutboxItem): Promise<void> {
    const transaction = this.#database.transaction(['outbox', 'facts'], 'readwrite');
    if (await this.#owner.stillHas(transaction.objectStore('facts'))) await transaction.objectStore('outbox').put(item);
    await transaction.done;
  }

  async remove(id: string): Promise<void> {
    const transaction = this.#database.transaction(['outbox', 'facts'], 'readwrite');
    if (await this.#owner.stillHas(transaction.objectStore('facts'))) await transaction.objectStore('outbox').delete(id);
    await transaction.done;
  }
}

/** What older versions wrote names no author (only the last member's are kept at all), and is a word to a channel. */
function upToDate(kept: KeptItem, author: string): OutboxItem {
  if (kept.letter !== undefined) return { ...kept, letter: kept.letter, author: kept.author ?? author };
  const { id, createdAt, state, channel, bulletin } = kept;
  return { id, createdAt, state, author: kept.author ?? author, letter: { kind: 'message', channel, bulletin } };
}

export class MemoryOutboxStore implements OutboxStore {
  readonly #items = new Map<string, OutboxItem>();

  async all(): Promise<readonly OutboxItem[]> {
    return [...this.#items.values()];
  }

  async add(item: OutboxItem): Promise<'added' | 'taken'> {
    if (this.#items.has(item.id)) return 'taken';
    this.#items.set(item.id, item);
    return 'added';
  }

  async put(item: OutboxItem): Promise<void> {
    this.#items.set(item.id, item);
  }

  async remove(id: string): Promise<void> {
    this.#items.delete(id);
  }
}
