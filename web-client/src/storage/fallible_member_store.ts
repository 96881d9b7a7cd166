import type { Member } from '../model/session.ts';
import type { Durability } from './durability.ts';
import { MemoryMemberStore, type MemberStore } from './member_store.ts';

/** Goes over to memory together with the feed, so that the two never speak of different members. */
export class FallibleMemberStore implements MemberStore {
  readonly #durable: MemberStore;
  readonly #memory = new MemoryMemberStore();
  readonly #durability: Durability;

  constructor(durable: MemberStore, durability: Durability) {
    this.#durable = durable;
    this.#durability = durability;
  }

  async load(): Promise<Member | null> {
    return this.#durability.attempt(
      async () => this.#durable.load(),
      async () => this.#memory.load(),
    );
  }

  async moveIn(member: Member): Promise<boolean> {
    return this.#durability.attempt(
      async () => this.#durable.moveIn(member),
      async () => this.#memory.moveIn(member),
    );
  }

  async forgetReading(): Promise<void> {
    await this.#forget((store) => store.forgetReading());
  }

  async forgetAll(): Promise<void> {
    await this.#forget((store) => store.forgetAll());
  }

  /** Also asked of a database that failed before: what it still holds has to go. Rejects when that cannot be known. */
  async #forget(action: (store: MemberStore) => Promise<void>): Promise<void> {
    await action(this.#memory);
    try {
      await action(this.#durable);
    } catch (error) {
      this.#durability.fail();
      throw error;
    }
  }
}
