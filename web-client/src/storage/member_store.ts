import type { Member } from '../model/session.ts';
import { parseMember } from '../protocol/parse_session.ts';
import type { Database } from './database.ts';

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

export class IndexedMemberStore implements MemberStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async load(): Promise<Member | null> {
    return parseMember(await this.#database.get('facts', 'member'));
  }

  async moveIn(member: Member): Promise<boolean> {
    const last = parseMember(await this.#database.get('facts', 'last_member'));
    const isOther = last !== null && last.id !== member.id;
    if (isOther) await this.forgetAll();
    await this.#database.put('facts', member, 'member');
    await this.#database.put('facts', member, 'last_member');
    return isOther;
  }

  async forgetReading(): Promise<void> {
    const transaction = this.#database.transaction(['entries', 'bookmarks', 'facts'], 'readwrite');
    const facts = transaction.objectStore('facts');
    await Promise.all([
      transaction.objectStore('entries').clear(),
      transaction.objectStore('bookmarks').clear(),
      facts.delete('member'),
      facts.delete('current_as_of'),
    ]);
    await transaction.done;
  }

  async forgetAll(): Promise<void> {
    const transaction = this.#database.transaction(['entries', 'bookmarks', 'outbox', 'facts'], 'readwrite');
    await Promise.all([
      transaction.objectStore('entries').clear(),
      transaction.objectStore('bookmarks').clear(),
      transaction.objectStore('outbox').clear(),
      transaction.objectStore('facts').clear(),
    ]);
    await transaction.done;
  }
}

export class MemoryMemberStore implements MemberStore {
  #member: Member | null = null;

  async load(): Promise<Member | null> {
    return this.#member;
  }

  async moveIn(member: Member): Promise<boolean> {
    const isOther = this.#member !== null && this.#member.id !== member.id;
    this.#member = member;
    return isOther;
  }

  async forgetReading(): Promise<void> {
    this.#member = null;
  }

  async forgetAll(): Promise<void> {
    this.#member = null;
  }
}
