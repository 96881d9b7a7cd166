import type { Letter } from '../model/letter.ts';
import type { OutboxItem, OutboxState } from '../model/outbox_item.ts';
import type { Clock } from '../platform/clock.ts';
import type { OutboxStore } from '../storage/outbox_store.ts';
import { backoffMs, noSoonerMs } from './backoff.ts';
import type { Publish, PublishAnswer } from './link.ts';

export interface OutboxParts<L extends Letter> {
  readonly store: OutboxStore;
  /** Which letters this one sends; those of others are left to others. */
  readonly carries: (letter: Letter) => letter is L;
  readonly publish: Publish<L>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly changed: (items: readonly OutboxItem<L>[]) => void;
}

/** Posted ones stay in sight for a while; beyond this many the oldest make room. */
export const MAX_POSTED = 20;

/**
 * Keeps each post until it was answered, and sends the oldest first, one at a time, under the id it was given: no service
 * gives credit for less.
 */
export class Outbox<L extends Letter> {
  readonly #parts: OutboxParts<L>;
  #author: string | null = null;
  #items: readonly OutboxItem<L>[] = [];
  #connected = false;
  #sending = false;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  /** When the service wants to hear of the next post, whatever happens to the connection until then. */
  #notBefore = 0;

  constructor(parts: OutboxParts<L>) {
    this.#parts = parts;
  }

  get items(): readonly OutboxItem<L>[] {
    return this.#items.filter(({ author }) => author === this.#author);
  }

  /** Whether a post of this id is here, whoever wrote it. */
  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  async load(): Promise<void> {
    const saved: readonly OutboxItem[] = await this.#parts.store.all().catch(() => []);
    this.#items = saved.filter((item): item is OutboxItem<L> => this.#carries(item)).sort((a, b) => a.createdAt - b.createdAt);
    this.#tell();
    this.#sendNext();
  }

  /** Sends for this member from now on. What another one wrote is dropped as soon as there is a next. */
  memberChanged(author: string | null): void {
    if (author === this.#author) return;
    this.#author = author;
    if (author !== null) this.#items = this.#items.filter((item) => item.author === author);
    this.#tell();
    this.#sendNext();
  }

  /** Resolves when this device holds it: from then on a crash does not lose it. Rejects when it is not held. */
  async add(id: string, letter: L): Promise<void> {
    const author = this.#author;
    if (author === null) throw new Error('nobody has joined on this device');
    if (this.has(id)) return;
    const item = await this.#keep(author, id, letter);
    if (author !== this.#author) return;
    this.#items = [...this.#items, item];
    this.#tell();
    this.#sendNext();
  }

  /** Another tab may have posted something else under this id. Both are to be sent. */
  async #keep(author: string, id: string, letter: L): Promise<OutboxItem<L>> {
    const { store, clock, randomId } = this.#parts;
    const item: OutboxItem<L> = { id, author, letter, createdAt: clock.now(), state: { kind: 'waiting' } };
    if ((await store.add(item)) === 'added') return item;
    return this.#keep(author, randomId(), letter);
  }

  /** Offers a refused post again, as the same post. */
  async retry(id: string): Promise<void> {
    if (this.#find(id)?.state.kind !== 'refused') return;
    await this.#move(id, { kind: 'waiting' });
    this.#sendNext();
  }

  /** Removes one that was answered. One on its way cannot be called back. */
  async discard(id: string): Promise<void> {
    const state = this.#find(id)?.state.kind;
    if (state !== 'refused' && state !== 'posted') return;
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#tell();
    await this.#parts.store.remove(id).catch(() => {});
  }

  connectionChanged(connected: boolean): void {
    this.#connected = connected;
    this.#stopWaiting();
    if (!connected) return;
    this.#failures = 0;
    const askedFor = this.#notBefore - this.#parts.clock.now();
    if (askedFor > 0) this.#sendAfter(askedFor);
    else this.#sendNext();
  }

  #sendNext(): void {
    if (!this.#connected || this.#sending || this.#cancelRetry !== null) return;
    const next = this.items.find(({ state }) => state.kind === 'waiting');
    if (next === undefined) return;
    this.#sending = true;
    void this.#send(next).finally(() => {
      this.#sending = false;
      this.#sendNext();
    });
  }

  async #send(item: OutboxItem<L>): Promise<void> {
    this.#replace({ ...item, state: { kind: 'sending' } });
    const answer = await this.#parts.publish(item);
    await this.#settle(item.id, answer);
  }

  async #settle(id: string, answer: PublishAnswer): Promise<void> {
    switch (answer.kind) {
      case 'posted':
        this.#failures = 0;
        await this.#move(id, answer);
        await this.#prune();
        return;
      case 'refused':
        await this.#move(id, { kind: 'refused', code: answer.code });
        return;
      case 'again':
        await this.#move(id, { kind: 'waiting' });
        this.#waitToRetry(answer.retryAfterMs);
    }
  }

  #waitToRetry(retryAfterMs: number | undefined): void {
    const { clock, random } = this.#parts;
    const askedFor = retryAfterMs === undefined ? 0 : noSoonerMs(retryAfterMs, random);
    this.#notBefore = clock.now() + askedFor;
    if (!this.#connected) return;
    this.#failures += 1;
    this.#sendAfter(askedFor > 0 ? askedFor : backoffMs(this.#failures, random));
  }

  #sendAfter(ms: number): void {
    this.#cancelRetry = this.#parts.clock.after(ms, () => {
      this.#cancelRetry = null;
      this.#sendNext();
    });
  }

  #stopWaiting(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** A store that fails must not hold up the posts: its older word makes the same post be sent again, and known. */
  async #move(id: string, state: OutboxState): Promise<void> {
    const item = this.#find(id);
    if (item === undefined) return;
    const moved = { ...item, state };
    this.#replace(moved);
    await this.#parts.store.put(moved).catch(() => {});
  }

  async #prune(): Promise<void> {
    const posted = this.items.filter(({ state }) => state.kind === 'posted');
    for (const { id } of posted.slice(0, -MAX_POSTED)) await this.discard(id);
  }

  #carries(item: OutboxItem): item is OutboxItem<L> {
    return this.#parts.carries(item.letter);
  }

  #find(id: string): OutboxItem<L> | undefined {
    return this.#items.find((item) => item.id === id);
  }

  #replace(item: OutboxItem<L>): void {
    this.#items = this.#items.map((kept) => (kept.id === item.id ? item : kept));
    this.#tell();
  }

  #tell(): void {
    this.#parts.changed(this.items);
  }
}
