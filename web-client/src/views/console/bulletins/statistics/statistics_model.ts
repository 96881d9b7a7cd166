import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Clock } from '../../../../platform/clock.ts';
import type { Bulletin, BulletinList, BulletinReceipts } from '../../../../protocol/api.gen.ts';
import { hasGone } from '../may.ts';
import { monthOf, monthsOf, sentAt, type Counted, type Month } from './months.ts';

export interface StatisticsParts {
  readonly list: (after?: string) => Promise<ApiAnswer<BulletinList>>;
  readonly receipts: (id: string) => Promise<ApiAnswer<BulletinReceipts>>;
  readonly clock: Clock;
}

export type Statistics =
  | { readonly kind: 'reading'; readonly done: number; readonly of: number | null }
  | { readonly kind: 'failed'; readonly why: Failure }
  | {
      readonly kind: 'read';
      readonly months: readonly Month[];
      /** Older ones were left out. */
      readonly isPart: boolean;
      readonly asOf: number;
    };

/** This month, and the eleven before it. */
export const MONTHS = 12;
/** Each of them is asked for by itself: more would be a burden on the service. */
export const COUNTED_MOST = 300;
/** Asked at the same time. */
const TOGETHER = 3;
/** Tries again for one answer, each when the service says so. */
const TRIES = 5;

/** What was sent in the last months and how far it came, from the figures of each bulletin. It asks once. */
export class StatisticsModel {
  readonly statistics: ReadonlySignal<Statistics>;
  readonly #parts: StatisticsParts;
  readonly #statistics = signal<Statistics>({ kind: 'reading', done: 0, of: null });
  #isStopped = false;
  #isReading = false;

  constructor(parts: StatisticsParts) {
    this.#parts = parts;
    this.statistics = this.#statistics;
  }

  /** Reads all of it anew. */
  async read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#isStopped = false;
    this.#statistics.value = { kind: 'reading', done: 0, of: null };
    const outcome = await this.#read();
    this.#isReading = false;
    if (outcome !== null) this.#statistics.value = outcome;
  }

  /** Nobody looks any more: nothing further is asked. */
  stop(): void {
    this.#isStopped = true;
  }

  async #read(): Promise<Statistics | null> {
    const since = monthOf(this.#parts.clock.now(), 1 - MONTHS);
    const wanted: Bulletin[] = [];
    let next: string | undefined;
    let isPart = false;
    do {
      const after = next;
      const page = await this.#patiently(async () => this.#parts.list(after));
      if (page === null) return null;
      if (page.kind === 'failed') return { kind: 'failed', why: page.why };
      const { bulletins } = page.value;
      const isOlder = bulletins.some((bulletin) => bulletin.created_at_ms < since);
      wanted.push(...bulletins.filter((bulletin) => hasGone(bulletin) && bulletin.content.kind !== 'test' && sentAt(bulletin) >= since));
      isPart = wanted.length > COUNTED_MOST;
      next = isOlder || isPart ? undefined : page.value.next;
    } while (next !== undefined);
    const counted = await this.#count(wanted.slice(0, COUNTED_MOST));
    if (counted === null) return null;
    if (typeof counted === 'string') return { kind: 'failed', why: counted };
    return { kind: 'read', months: monthsOf(counted), isPart, asOf: this.#parts.clock.now() };
  }

  async #count(bulletins: readonly Bulletin[]): Promise<Counted[] | Failure | null> {
    const counted: Counted[] = [];
    const waiting = [...bulletins];
    const troubles: Failure[] = [];
    const work = async (): Promise<void> => {
      for (let bulletin = waiting.shift(); bulletin !== undefined && troubles.length === 0; bulletin = waiting.shift()) {
        const { id } = bulletin;
        const answer = await this.#patiently(async () => this.#parts.receipts(id));
        if (answer === null) return;
        if (answer.kind === 'failed') {
          troubles.push(answer.why);
          return;
        }
        counted.push({ bulletin, receipts: answer.value });
        this.#statistics.value = { kind: 'reading', done: counted.length, of: bulletins.length };
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    return this.#isStopped ? null : (troubles[0] ?? counted);
  }

  /** The service may be busy, and says then when to ask again. `null`: nobody looks any more. */
  async #patiently<T>(ask: () => Promise<ApiAnswer<T>>): Promise<ApiAnswer<T> | null> {
    for (let tries = 1; ; tries += 1) {
      if (this.#isStopped) return null;
      const answer = await ask();
      if (answer.kind === 'ok' || answer.why !== 'too_many_requests' || tries === TRIES) return answer;
      await new Promise<void>((resolve) => void this.#parts.clock.after(answer.askAgainMs, resolve));
    }
  }
}
