import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../account/api.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Audience, HeadCount as Counted } from '../../../protocol/api.gen.ts';

export type Counting =
  /** Nobody is named yet. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'counting' }
  | { readonly kind: 'counted'; readonly count: Counted; readonly asOf: number }
  | { readonly kind: 'failed'; readonly why: Failure };

export interface HeadCountParts {
  readonly count: (audience: Audience) => Promise<ApiAnswer<Counted>>;
  readonly clock: Clock;
}

/** How long somebody types before it is counted. */
export const SETTLED_MS = 400;
/** People come and go meanwhile. */
export const COUNT_EVERY_MS = 15_000;

/** How many an audience is, counted by the service while it is chosen. */
export class HeadCount {
  readonly counting: ReadonlySignal<Counting>;
  readonly #counting = signal<Counting>({ kind: 'counting' });
  readonly #parts: HeadCountParts;
  #asked: string | null = null;
  /** An answer to an older question is dropped. */
  #turn = 0;
  #cancel: (() => void) | null = null;

  constructor(parts: HeadCountParts) {
    this.#parts = parts;
    this.counting = this.#counting;
  }

  /** `null`: nobody is named yet. */
  audienceChanged(audience: Audience | null): void {
    const asked = JSON.stringify(audience);
    if (asked === this.#asked) return;
    this.stop();
    this.#asked = asked;
    this.#counting.value = { kind: audience === null ? 'nobody' : 'counting' };
    if (audience !== null) this.#after(SETTLED_MS, audience);
  }

  stop(): void {
    this.#turn += 1;
    this.#cancel?.();
    this.#cancel = null;
    this.#asked = null;
  }

  #after(ms: number, audience: Audience): void {
    this.#cancel = this.#parts.clock.after(ms, () => void this.#count(audience));
  }

  async #count(audience: Audience): Promise<void> {
    const turn = this.#turn;
    const answer = await this.#parts.count(audience);
    if (turn !== this.#turn) return;
    if (answer.kind === 'ok') this.#counting.value = { kind: 'counted', count: answer.value, asOf: this.#parts.clock.now() };
    else if (this.#counting.value.kind !== 'counted') this.#counting.value = { kind: 'failed', why: answer.why };
    this.#after(COUNT_EVERY_MS, audience);
  }
}
