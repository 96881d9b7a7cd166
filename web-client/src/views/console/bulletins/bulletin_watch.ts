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
      /** Where the older ones begin, which are read when somebody wants them. */
      readonly older: Older;
      readonly asOf: number;
      readonly failed: Failure | null;
    }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Older =
  | { readonly kind: 'none' }
  | { readonly kind: 'some' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  /** More than these one does not look through on a page. */
  | { readonly kind: 'full' };

export interface BulletinWatchParts {
  /** A page, the newest first: from the beginning, or from where another one ended. */
  readonly list: (after?: string) => Promise<ApiAnswer<BulletinList>>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** While a page is open that shows them, and while another one is. */
export const WATCH_EVERY_MS = 3_000;
export const COUNT_EVERY_MS = 15_000;
/** Most that the page holds. */
export const LISTED_MOST = 1_000;

/** The newest bulletins, read again every few seconds while somebody looks at the console. */
export class BulletinWatch {
  readonly listing: ReadonlySignal<Listing>;
  readonly #listing = signal<Listing>({ kind: 'loading' });
  readonly #parts: BulletinWatchParts;
  readonly #poll: Poll;
  #isShown = true;
  /** Beyond the newest, as they were when they were read. */
  #older: readonly Bulletin[] | null = null;
  /** Where the next page begins, if there is one. */
  #next: string | undefined;
  /** Changes with who looks. */
  #visit = 0;

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
    this.#older = null;
    this.#next = undefined;
    this.#visit += 1;
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

  /** Reads on from the oldest that is listed. */
  async readOlder(): Promise<void> {
    const before = this.#listing.value;
    const visit = this.#visit;
    if (before.kind !== 'rows' || this.#next === undefined || before.older.kind === 'reading') return;
    this.#listing.value = { ...before, older: { kind: 'reading' } };
    const answer = await this.#parts.list(this.#next);
    const { value: now } = this.#listing;
    if (visit !== this.#visit || now.kind !== 'rows') return;
    if (answer.kind === 'failed') {
      this.#listing.value = { ...now, older: { kind: 'failed', why: answer.why } };
      return;
    }
    this.#older = [...(this.#older ?? []), ...answer.value.bulletins];
    this.#next = answer.value.next;
    const rows = merged(now.rows, this.#older);
    this.#listing.value = { ...now, rows, older: this.#whatIsOlder(rows.length) };
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
    const visit = this.#visit;
    const answer = await this.#parts.list();
    const before = this.#listing.value;
    if (visit !== this.#visit) return;
    if (answer.kind === 'failed') {
      this.#listing.value = before.kind === 'rows' ? { ...before, failed: answer.why } : { kind: 'failed', why: answer.why };
      return;
    }
    const { bulletins, next } = answer.value;
    if (this.#older === null) this.#next = next;
    // Those that newer ones pushed off the first page stay listed, where what is beyond it is.
    else if (before.kind === 'rows') this.#older = merged(before.rows, this.#older);
    const rows = merged(bulletins, this.#older ?? []);
    const isAsked = before.kind === 'rows' && (before.older.kind === 'reading' || before.older.kind === 'failed');
    const older: Older = isAsked ? before.older : this.#whatIsOlder(rows.length);
    this.#listing.value = { kind: 'rows', rows, older, asOf: this.#parts.clock.now(), failed: null };
  }

  #whatIsOlder(listed: number): Older {
    if (this.#next === undefined) return { kind: 'none' };
    return { kind: listed < LISTED_MOST ? 'some' : 'full' };
  }
}

/** Each once, and as the newer answer has it; the newest first. */
function merged(newer: readonly Bulletin[], older: readonly Bulletin[]): readonly Bulletin[] {
  const known = new Set(newer.map(({ id }) => id));
  return [...newer, ...older.filter(({ id }) => !known.has(id))];
}
