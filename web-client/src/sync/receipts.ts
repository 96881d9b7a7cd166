import { mergedReceipt, type ReceiptRecord } from '../model/receipt.ts';
import type { Clock } from '../platform/clock.ts';
import type { ReceiptStore } from '../storage/receipt_store.ts';
import { backoffMs, noSoonerMs } from './backoff.ts';

export interface ReceiptBatch {
  readonly received: readonly string[];
  readonly acknowledged: readonly string[];
}

export type ReceiptsAnswer =
  | { readonly kind: 'kept' }
  /** Nothing was kept; not before the time that the service asked for, if it did. */
  | { readonly kind: 'again'; readonly retryAfterMs?: number }
  /** Not over this connection. */
  | { readonly kind: 'refused' };

export interface ReceiptsParts {
  readonly store: ReceiptStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (batch: ReceiptBatch) => Promise<ReceiptsAnswer>;
  /** Of which bulletins the reader has said that they have seen them. */
  readonly changed: (acknowledged: ReadonlySet<string>) => void;
}

/** Most that the service takes in one call. */
export const MAX_BATCH = 64;
/** What comes within this time goes together. */
export const GATHER_MS = 1_000;
/** A crowd that got a bulletin together does not say so together. */
export const SPREAD_MS = 9_000;

/**
 * Tells the service which bulletins this device has, and which its reader has seen: gathered, spread over some seconds,
 * and kept until the service has kept them. What is told twice changes nothing there.
 */
export class Receipts {
  readonly #parts: ReceiptsParts;
  #records = new Map<string, ReceiptRecord>();
  #connected = false;
  #refused = false;
  #telling = false;
  #failures = 0;
  #notBefore = 0;
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;

  constructor(parts: ReceiptsParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    for (const record of await this.#parts.store.load()) this.#merge(record);
    this.#tellReader();
    this.#schedule();
  }

  /** These are on this device. What was told before is not told again. */
  received(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !this.#records.has(id));
    if (fresh.length === 0) return;
    this.#keep(fresh.map((id) => ({ id, received: 'waiting', acknowledged: null })));
    this.#schedule();
  }

  /** The reader says that they have seen it. */
  acknowledge(id: string): void {
    if ((this.#records.get(id)?.acknowledged ?? null) !== null) return;
    this.#keep([{ id, received: 'waiting', acknowledged: 'waiting' }]);
    this.#tellReader();
    this.#schedule();
  }

  connectionChanged(connected: boolean): void {
    this.#connected = connected;
    this.#refused = false;
    this.#stopTimer();
    this.#schedule();
  }

  /** Forgets the receipts of one who is no longer the member; their store is emptied by its owner. */
  clear(): void {
    this.#records = new Map();
    this.#stopTimer();
    this.#tellReader();
  }

  #schedule(): void {
    const { clock, random } = this.#parts;
    const { received, acknowledged } = this.#batch();
    if (!this.#connected || this.#refused || this.#telling || received.length + acknowledged.length === 0) return;
    const spread = acknowledged.length > 0 ? 0 : SPREAD_MS;
    const at = Math.max(this.#notBefore, clock.now() + GATHER_MS + Math.round(random() * spread));
    // What is seen does not wait for what is only received.
    if (this.#timer !== null && this.#timer.at <= at) return;
    this.#stopTimer();
    const cancel = clock.after(at - clock.now(), () => {
      this.#timer = null;
      void this.#tell();
    });
    this.#timer = { at, cancel };
  }

  async #tell(): Promise<void> {
    const batch = this.#batch();
    const records = this.#records;
    this.#telling = true;
    const answer = await this.#parts.tell(batch);
    this.#telling = false;
    // Another member's by now.
    if (records === this.#records) this.#settle(batch, answer);
    this.#schedule();
  }

  #settle(batch: ReceiptBatch, answer: ReceiptsAnswer): void {
    const { clock, random } = this.#parts;
    switch (answer.kind) {
      case 'kept':
        this.#failures = 0;
        this.#keep([
          ...batch.received.map((id): ReceiptRecord => ({ id, received: 'told', acknowledged: null })),
          ...batch.acknowledged.map((id): ReceiptRecord => ({ id, received: 'told', acknowledged: 'told' })),
        ]);
        return;
      case 'again': {
        const { retryAfterMs } = answer;
        const wait = retryAfterMs === undefined ? backoffMs(this.#failures, random) : noSoonerMs(retryAfterMs, random);
        this.#failures += 1;
        this.#notBefore = clock.now() + wait;
        return;
      }
      case 'refused':
        this.#refused = true;
    }
  }

  /** What is seen comes first; that it is here is told with it. */
  #batch(): ReceiptBatch {
    const records = [...this.#records.values()];
    const acknowledged = records.filter((record) => record.acknowledged === 'waiting').slice(0, MAX_BATCH);
    const received = records.filter((record) => record.received === 'waiting' && record.acknowledged !== 'waiting');
    return { acknowledged: idsOf(acknowledged), received: idsOf(received.slice(0, MAX_BATCH - acknowledged.length)) };
  }

  #keep(records: readonly ReceiptRecord[]): void {
    for (const record of records) this.#merge(record);
    void this.#parts.store.put(records);
  }

  #merge(record: ReceiptRecord): void {
    const known = this.#records.get(record.id);
    this.#records.set(record.id, known === undefined ? record : mergedReceipt(known, record));
  }

  #tellReader(): void {
    const seen = [...this.#records.values()].filter(({ acknowledged }) => acknowledged !== null);
    this.#parts.changed(new Set(idsOf(seen)));
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

function idsOf(records: readonly ReceiptRecord[]): string[] {
  return records.map(({ id }) => id);
}
