import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import type { Clock } from '../../../platform/clock.ts';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

/** How often the service is asked; it makes a new answer once a second at most. */
export const WATCH_EVERY_MS = 2_000;
/** Figures that are older are said to be old. */
export const WATCH_STALE_MS = 8_000;

const parseWatch = parser(api.Watch);

export type Watching =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | {
      readonly kind: 'shown';
      readonly watch: api.Watch;
      /** When it came, by this device's clock. */
      readonly heardAt: number;
      /** Why nothing newer came, if it did not. */
      readonly trouble: Failure | null;
    };

/** Asks how the service fares, for as long as somebody looks. */
export class WatchModel {
  readonly watching: ReadonlySignal<Watching>;
  /** How old the figures are, in milliseconds; `null` while they are fresh. */
  readonly staleMs: ReadonlySignal<number | null>;
  readonly #api: Pick<Api, 'ask'>;
  readonly #clock: Clock;
  readonly #watching = signal<Watching>({ kind: 'loading' });
  readonly #now = signal(0);
  #cancel: (() => void) | null = null;
  #isAsking = false;
  /** The service said not to ask sooner. */
  #notBefore = 0;

  constructor(service: Pick<Api, 'ask'>, clock: Clock) {
    this.#api = service;
    this.#clock = clock;
    this.watching = this.#watching;
    this.staleMs = computed(() => {
      const watching = this.#watching.value;
      const age = watching.kind === 'shown' ? this.#now.value - watching.heardAt : 0;
      return age >= WATCH_STALE_MS ? age : null;
    });
  }

  /** Begins, or goes on after `stop`: asks at once. */
  start(): void {
    if (this.#cancel === null) this.#tick();
  }

  /** Nobody looks: nothing is asked. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  hint(): void {
    if (this.#clock.now() >= this.#notBefore) void this.ask();
  }

  /** Asks now, whenever it was asked last. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const answer = await this.#api.ask({ method: 'GET', path: '/v1/watch' }, parseWatch);
    this.#isAsking = false;
    const now = this.#clock.now();
    this.#now.value = now;
    if (answer.kind === 'ok') {
      this.#watching.value = { kind: 'shown', watch: answer.value, heardAt: now, trouble: null };
      return;
    }
    this.#notBefore = now + answer.askAgainMs;
    const before = this.#watching.value;
    this.#watching.value = before.kind === 'shown' ? { ...before, trouble: answer.why } : { kind: 'failed', why: answer.why };
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#now.value = now;
    this.#cancel = this.#clock.after(WATCH_EVERY_MS, () => this.#tick());
    if (now >= this.#notBefore) void this.ask();
  }
}
