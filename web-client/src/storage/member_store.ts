import type { Member } from '../model/session.ts';
import { parseMember } from '../protocol/parse_session.ts';
import type { Database } from './database.ts';
import type { Owner } from './owner.ts';

/** Whose data this device holds. */
export interface MemberStore {
  load(): Promise<Member | null>;
  /** Data of another member does not stay beside this one's. Answers whether there was any to remove. */
  moveIn(member: Member): Promise<boolean>;
  /** Removes all that shows what was read here. What the member wrote and has not sent stays. */
  forgetReading(): Promise<void>;
  /** Removes everything. */
  forgetAll(): Promise<void>;
}

/** What shows what was read here. */
const READ = ['entries', 'bookmarks', 'conversations', 'receipts', 'checks'] as const;

export class IndexedMemberStore implements MemberStore {
  readonly #database: Database;
  readonly #owner: Owner;

  constructor(database: Database, owner: Owner) {
    this.#database = database;
    this.#owner = owner;
  }

  async load(): Promise<Member | null> {
    const member = parseMember(await this.#database.get('facts', 'member'));
    this.#owner.set(member);
    return member;
  }

  async moveIn(member: Member): Promise<boolean> {
    const transaction = this.#database.transaction([...READ, 'outbox', 'trust', 'facts'] as const, 'readwrite');
    const facts = transaction.objectStore('facts');
    const last = parseMember(await facts.get('last_member'));
    const isOther = last !== null && last.id !== member.id;
    if (isOther) {
      await Promise.all([
        ...READ.map(async (name) => transaction.objectStore(name).clear()),
        transaction.objectStore('outbox').clear(),
        // Who may sign is the campaign's, and stays. Who signs here was the other one.
        transaction.objectStore('trust').delete('key'),
        facts.clear(),
      ]);
    }
    await Promise.all([facts.put(member, 'member'), facts.put(member, 'last_member')]);
    await transaction.done;
    this.#owner.set(member);
    return isOther;
  }

  async forgetReading(): Promise<void> {
    const transaction = this.#database.transaction([...READ, 'facts'] as const, 'readwrite');
    const facts = transaction.objectStore('facts');
    await Promise.all([
      ...READ.map(async (name) => transaction.objectStore(name).clear()),
      facts.delete('member'),
      facts.delete('current_as_of'),
    ]);
    await transaction.done;
    this.#owner.set(null);
  }

  async forgetAll(): Promise<void> {
    const transaction = this.#database.transaction([...READ, 'outbox', 'trust', 'facts'] as const, 'readwrite');
    await Promise.all([
      ...READ.map(async (name) => transaction.objectStore(name).clear()),
      transaction.objectStore('outbox').clear(),
      transaction.objectStore('trust').clear(),
      transaction.objectStore('facts').clear(),
    ]);
    await transaction.done;
    this.#owner.set(null);
  }
}

export class MemoryMemberStore implements MemberStore {
  #member: Member | null = null;
  #last: Member | null = null;

  async load(): Promise<Member | null> {
    return this.#member;
  }

  async moveIn(member: Member): Promise<boolean> {
    const isOther = this.#last !== null && this.#last.id !== member.id;
    this.#member = member;
    this.#last = member;
    return isOther;
  }

  async forgetReading(): Promise<void> {
    this.#member = null;
  }

  async forgetAll(): Promise<void> {
    this.#member = null;
    this.#last = null;
  }
}
