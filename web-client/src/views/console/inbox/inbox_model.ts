import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import { CONVERSATIONS_MAX, type InboxFilter } from '../../../account/inbox.ts';
import type { Conversation, ConversationList } from '../../../protocol/api.gen.ts';

export interface InboxReading {
  list(filter: InboxFilter, limit: number, after: string | null): Promise<ApiAnswer<ConversationList>>;
}

export type InboxListing =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'listed';
      readonly conversations: readonly Conversation[];
      /** Where it goes on, behind what is kept fresh; `null`: these are all. */
      readonly next: string | null;
      readonly asOf: number;
      /** Why it is not as fresh as it should be. */
      readonly stale: Failure | null;
    }
  | { readonly kind: 'failed'; readonly why: Failure };

/** How often it is asked, should no hint come. */
export const INBOX_EVERY_MS = 5_000;
const PAGE = 50;

/** The list of conversations: the first ones are asked for again and again, further ones once. */
export class InboxModel {
  readonly filter: ReadonlySignal<InboxFilter>;
  readonly listing: ReadonlySignal<InboxListing>;
  readonly #inbox: InboxReading;
  readonly #now: () => number;
  readonly #filter = signal<InboxFilter>('open');
  readonly #listing = signal<InboxListing>({ kind: 'loading' });
  #limit = PAGE;
  /** Behind those that are kept fresh. */
  #older: readonly Conversation[] = [];
  #next: string | null = null;
  #question = 0;

  constructor(inbox: InboxReading, now: () => number) {
    this.#inbox = inbox;
    this.#now = now;
    this.filter = this.#filter;
    this.listing = this.#listing;
  }

  async choose(filter: InboxFilter): Promise<void> {
    this.#filter.value = filter;
    this.#listing.value = { kind: 'loading' };
    this.#limit = PAGE;
    this.#older = [];
    this.#next = null;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const question = (this.#question += 1);
    const answer = await this.#inbox.list(this.#filter.value, this.#limit, null);
    if (question !== this.#question) return;
    if (answer.kind === 'failed') {
      this.#fail(answer.why);
      return;
    }
    const { conversations } = answer.value;
    if (this.#older.length === 0) this.#next = answer.value.next ?? null;
    const ids = new Set(conversations.map(({ id }) => id));
    const all = [...conversations, ...this.#older.filter(({ id }) => !ids.has(id))];
    this.#listing.value = { kind: 'listed', conversations: all, next: this.#next, asOf: this.#now(), stale: null };
  }

  async readOn(): Promise<void> {
    if (this.#next === null) return;
    if (this.#limit < CONVERSATIONS_MAX) {
      this.#limit = Math.min(CONVERSATIONS_MAX, this.#limit * 2);
      await this.refresh();
      return;
    }
    const question = this.#question;
    const answer = await this.#inbox.list(this.#filter.value, CONVERSATIONS_MAX, this.#next);
    if (answer.kind === 'failed') this.#fail(answer.why);
    else if (question === this.#question) {
      this.#older = [...this.#older, ...answer.value.conversations];
      this.#next = answer.value.next ?? null;
      await this.refresh();
    }
  }

  #fail(why: Failure): void {
    const before = this.#listing.value;
    this.#listing.value = before.kind === 'listed' ? { ...before, stale: why } : { kind: 'failed', why };
  }
}
