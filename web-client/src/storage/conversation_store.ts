import type { KeptConversation } from '../model/conversation.ts';
import type { Database } from './database.ts';
import type { Durability } from './durability.ts';
import type { Owner } from './owner.ts';

/** What this device keeps of the conversations with the organisers, to be read offline. The service has the truth. */
export interface ConversationStore {
  all(): Promise<readonly KeptConversation[]>;
  /** These and no others. `false`: the device has another member now, nothing was kept, nothing may be shown. */
  replaceAll(conversations: readonly KeptConversation[]): Promise<boolean>;
}

export class IndexedConversationStore implements ConversationStore {
  readonly #database: Database;
  readonly #owner: Owner;

  constructor(database: Database, owner: Owner) {
    this.#database = database;
    this.#owner = owner;
  }

  async all(): Promise<readonly KeptConversation[]> {
    return this.#database.getAll('conversations');
  }

  async replaceAll(conversations: readonly KeptConversation[]): Promise<boolean> {
    const transaction = this.#database.transaction(['conversations', 'facts'], 'readwrite');
    const store = transaction.objectStore('conversations');
    const isOurs = await this.#owner.stillHas(transaction.objectStore('facts'));
    if (isOurs) {
      await store.clear();
      for (const conversation of conversations) await store.put(conversation);
    }
    await transaction.done;
    return isOurs;
  }
}

export class MemoryConversationStore implements ConversationStore {
  #conversations: readonly KeptConversation[] = [];

  async all(): Promise<readonly KeptConversation[]> {
    return this.#conversations;
  }

  async replaceAll(conversations: readonly KeptConversation[]): Promise<boolean> {
    this.#conversations = conversations;
    return true;
  }
}

/** Goes over to memory together with the rest. */
export class FallibleConversationStore implements ConversationStore {
  readonly #durable: ConversationStore;
  readonly #memory = new MemoryConversationStore();
  readonly #durability: Durability;

  constructor(durable: ConversationStore, durability: Durability) {
    this.#durable = durable;
    this.#durability = durability;
  }

  async all(): Promise<readonly KeptConversation[]> {
    return this.#durability.attempt(
      async () => this.#durable.all(),
      async () => this.#memory.all(),
    );
  }

  async replaceAll(conversations: readonly KeptConversation[]): Promise<boolean> {
    return this.#durability.attempt(
      async () => this.#durable.replaceAll(conversations),
      async () => this.#memory.replaceAll(conversations),
    );
  }
}
