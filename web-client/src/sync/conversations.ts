import type { ApiAnswer, Failure } from '../account/api.ts';
import type { ConversationHead, KeptConversation } from '../model/conversation.ts';
import type { Clock } from '../platform/clock.ts';
import type { ConversationPage } from '../protocol/parse_conversation.ts';
import type { ConversationStore } from '../storage/conversation_store.ts';
import { backoffMs, noSoonerMs } from './backoff.ts';

/** How well this device knows them. */
export type Freshness =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'fresh' }
  /** It is tried again by itself. */
  | { readonly kind: 'failed'; readonly why: Failure };

export interface ConversationsSnapshot {
  readonly conversations: readonly KeptConversation[];
  readonly freshness: Freshness;
}

/** Where conversations are read. */
export interface ConversationSource {
  page(after: string | null): Promise<ApiAnswer<ConversationPage>>;
  conversation(id: string): Promise<ApiAnswer<ConversationHead>>;
}

export interface ConversationsParts {
  readonly source: ConversationSource;
  readonly store: ConversationStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly changed: (snapshot: ConversationsSnapshot) => void;
}

/** The service keeps texts for 180 days, so there are never more pages than this; a list without end is not followed. */
const MAX_PAGES = 20;

/** Keeps one's conversations as the service has them: read when it may be reached, and when there is something new. */
export class Conversations {
  readonly #parts: ConversationsParts;
  #member: string | null = null;
  #kept: readonly KeptConversation[] = [];
  #freshness: Freshness = { kind: 'unknown' };
  #connected = false;
  #reading = false;
  #isLoaded = false;
  #isStale = true;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(parts: ConversationsParts) {
    this.#parts = parts;
  }

  /** Of this member from now on: what is kept of them here first. */
  async memberChanged(member: string | null): Promise<void> {
    if (member === this.#member) return;
    this.#member = member;
    this.#kept = [];
    this.#freshness = { kind: 'unknown' };
    this.#isLoaded = false;
    this.#isStale = true;
    this.#stopWaiting();
    this.#tell();
    if (member === null) return;
    // What was kept in memory is not emptied with the database.
    const kept = (await this.#parts.store.all()).filter(({ id }) => id.startsWith(`${member}~`));
    if (member !== this.#member) return;
    this.#kept = kept;
    this.#isLoaded = true;
    this.#tell();
    this.#readNext();
  }

  connectionChanged(connected: boolean): void {
    this.#connected = connected;
    this.#failures = 0;
    this.#stopWaiting();
    // Answers may have been missed meanwhile.
    if (connected) this.refresh();
  }

  /** There is something new. */
  refresh(): void {
    this.#isStale = true;
    this.#readNext();
  }

  /** All that is in it has been seen on this screen. */
  async markRead(id: string): Promise<void> {
    const conversation = this.#kept.find((each) => each.id === id);
    const readUpTo = conversation?.texts.findLast(({ from }) => from === 'organiser')?.at ?? 0;
    if (conversation === undefined || readUpTo <= conversation.readUpTo) return;
    this.#kept = this.#kept.map((each) => (each.id === id ? { ...each, readUpTo } : each));
    this.#tell();
    await this.#parts.store.replaceAll(this.#kept);
  }

  #readNext(): void {
    // What was read here is known before the service is asked, else it would count as new.
    if (!this.#isLoaded || !this.#isStale || !this.#connected) return;
    if (this.#reading || this.#member === null || this.#cancelRetry !== null) return;
    this.#reading = true;
    this.#isStale = false;
    void this.#read(this.#member).finally(() => {
      this.#reading = false;
      this.#readNext();
    });
  }

  async #read(member: string): Promise<void> {
    if (this.#freshness.kind !== 'fresh') this.#move({ kind: 'reading' });
    const found: ConversationHead[] = [];
    let after: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer: ApiAnswer<ConversationPage> = await this.#parts.source.page(after);
      if (member !== this.#member) return;
      if (answer.kind === 'failed') return this.#failed(answer.why, answer.askAgainMs);
      for (const head of answer.value.conversations) {
        const whole = await this.#whole(head);
        if (member !== this.#member) return;
        if (whole.kind === 'failed') return this.#failed(whole.why, whole.askAgainMs);
        if (whole.value !== null) found.push(whole.value);
      }
      after = answer.value.next;
      if (after === null) break;
    }
    await this.#keep(found, member);
  }

  /** A list shows the last text only. What has no new one is kept here as a whole. `null`: it is gone meanwhile. */
  async #whole(head: ConversationHead): Promise<ApiAnswer<ConversationHead | null>> {
    const kept = this.#kept.find(({ id }) => id === head.id);
    const isKnown = kept?.texts.length === head.count && kept.texts.at(-1)?.at === head.texts.at(-1)?.at;
    if (kept !== undefined && isKnown) return { kind: 'ok', value: { ...head, texts: kept.texts }, tag: null };
    if (head.texts.length === head.count) return { kind: 'ok', value: head, tag: null };
    const answer = await this.#parts.source.conversation(head.id);
    return answer.kind === 'failed' && answer.why === 'conversation_unknown' ? { kind: 'ok', value: null, tag: null } : answer;
  }

  async #keep(found: readonly ConversationHead[], member: string): Promise<void> {
    const readUpTo = new Map(this.#kept.map((each) => [each.id, each.readUpTo]));
    const kept = found.map(({ id, topic, isOpen, acknowledgeBy, texts }): KeptConversation => {
      return { id, topic, isOpen, acknowledgeBy, texts, readUpTo: readUpTo.get(id) ?? 0 };
    });
    this.#failures = 0;
    // Kept before it is shown.
    const isOurs = await this.#parts.store.replaceAll(kept);
    if (!isOurs || member !== this.#member) return;
    // Something may have been read on this screen while that was written.
    const now = new Map(this.#kept.map((each) => [each.id, each.readUpTo]));
    this.#kept = kept.map((each) => ({ ...each, readUpTo: Math.max(each.readUpTo, now.get(each.id) ?? 0) }));
    this.#move({ kind: 'fresh' });
  }

  #failed(why: Failure, askAgainMs: number): void {
    const { clock, random } = this.#parts;
    this.#isStale = true;
    this.#failures += 1;
    if (this.#connected) {
      const wait = askAgainMs > 0 ? noSoonerMs(askAgainMs, random) : backoffMs(this.#failures, random);
      this.#cancelRetry = clock.after(wait, () => {
        this.#cancelRetry = null;
        this.#readNext();
      });
    }
    this.#move({ kind: 'failed', why });
  }

  #stopWaiting(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  #move(freshness: Freshness): void {
    this.#freshness = freshness;
    this.#tell();
  }

  #tell(): void {
    this.#parts.changed({ conversations: this.#kept, freshness: this.#freshness });
  }
}
