import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import type { Clock } from '../../../platform/clock.ts';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

/** How often the list is read while somebody looks: a record opens by itself. */
export const LIST_EVERY_MS = 10_000;

const parseList = parser(api.IncidentList);

export type Listing =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | {
      readonly kind: 'rows';
      /** Those that are open first, then the latest first. */
      readonly rows: readonly api.IncidentListed[];
      readonly isComplete: boolean;
      readonly asOf: number;
      /** Why nothing newer came, if it did not. */
      readonly trouble: Failure | null;
    };

export class IncidentsModel {
  readonly listing: ReadonlySignal<Listing>;
  readonly #api: Pick<Api, 'ask'>;
  readonly #clock: Clock;
  readonly #listing = signal<Listing>({ kind: 'loading' });
  #cancel: (() => void) | null = null;

  constructor(service: Pick<Api, 'ask'>, clock: Clock) {
    this.#api = service;
    this.#clock = clock;
    this.listing = this.#listing;
  }

  start(): void {
    if (this.#cancel === null) this.#tick();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  hint(): void {
    void this.read();
  }

  async read(): Promise<void> {
    const answer = await this.#api.ask({ method: 'GET', path: '/v1/incidents' }, parseList);
    if (answer.kind === 'ok') {
      const { incidents, is_complete } = answer.value;
      const asOf = this.#clock.now();
      this.#listing.value = { kind: 'rows', rows: openFirst(incidents), isComplete: is_complete, asOf, trouble: null };
      return;
    }
    const before = this.#listing.value;
    this.#listing.value = before.kind === 'rows' ? { ...before, trouble: answer.why } : { kind: 'failed', why: answer.why };
  }

  #tick(): void {
    this.#cancel = this.#clock.after(LIST_EVERY_MS, () => this.#tick());
    void this.read();
  }
}

function openFirst(rows: readonly api.IncidentListed[]): readonly api.IncidentListed[] {
  return [...rows].sort((one, other) => rank(one) - rank(other) || other.opened_ms - one.opened_ms);
}

function rank(row: api.IncidentListed): number {
  return row.closed_ms === undefined ? 0 : 1;
}
