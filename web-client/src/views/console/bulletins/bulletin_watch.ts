import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import type { Member } from '../../../model/session.ts';
import type { Clock } from '../../../platform/clock.ts';
import { Poll } from '../../../platform/poll.ts';
import type { Bulletin, BulletinList } from '../../../protocol/api.gen.ts';
import { mayApprove } from './may.ts';

export type Listing =
  | { readonly kind: 'loading' }
  /** `failed`: why the last try to read them anew did not succeed. */
  | {
      readonly kind: 'rows';
      readonly rows: readonly Bulletin[];
      /** Whether there are older ones, which are not read. */
      readonly hasMore: boolean;
      readonly asOf: number;
      readonly failed: Failure | null;
    }
  | { readonly kind: 'failed'; readonly why: Failure };

export interface BulletinWatchParts {
  readonly list: () => Promise<ApiAnswer<BulletinList>>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** While a page is open that shows them, and while another one is. */
export const WATCH_EVERY_MS = 3_000;
export const COUNT_EVERY_MS = 15_000;

/** The newest bulletins, read again every few seconds while somebody looks at the console. */
export class BulletinWatch {
  readonly listing: ReadonlySignal<Listing>;
  readonly #listing = signal<Listing>({ kind: 'loading' });
  readonly #parts: BulletinWatchParts;
  readonly #poll: Poll;
  #isShown = true;

  constructor(parts: BulletinWatchParts) {
    this.#parts = parts;
    this.listing = this.#listing;
    this.#poll = new Poll({
      clock: parts.clock,
      random: parts.random,
      everyMs: () => (this.#isShown ? WATCH_EVERY_MS : COUNT_EVERY_MS),
      ask: async () => this.#ask(),
    });
  }

  start(): void {
    this.#poll.start();
  }

  /** What one member saw is not for the next one's eyes. */
  stop(): void {
    this.#poll.stop();
    this.#listing.value = { kind: 'loading' };
  }

  visibleChanged(visible: boolean): void {
    this.#poll.visibleChanged(visible);
  }

  /** Whether the open page shows bulletins, or just counts those that wait. */
  shownChanged(isShown: boolean): void {
    const hasCome = isShown && !this.#isShown;
    this.#isShown = isShown;
    if (hasCome) this.#poll.soon();
  }

  /** One of them changed. */
  hint(): void {
    this.#poll.hint();
  }

  async refresh(): Promise<void> {
    await this.#poll.now();
  }

  find(id: string): Bulletin | null {
    const listing = this.#listing.value;
    return listing.kind === 'rows' ? (listing.rows.find((row) => row.id === id) ?? null) : null;
  }

  /** How many wait for a yes or a no that this member may say. */
  toApprove(member: Member): number {
    const listing = this.#listing.value;
    return listing.kind === 'rows' ? listing.rows.filter((row) => mayApprove(row, member)).length : 0;
  }

  async #ask(): Promise<void> {
    const answer = await this.#parts.list();
    const before = this.#listing.value;
    if (answer.kind === 'ok') {
      const { bulletins, next } = answer.value;
      this.#listing.value = { kind: 'rows', rows: bulletins, hasMore: next !== undefined, asOf: this.#parts.clock.now(), failed: null };
    } else {
      this.#listing.value = before.kind === 'rows' ? { ...before, failed: answer.why } : { kind: 'failed', why: answer.why };
    }
  }
}
