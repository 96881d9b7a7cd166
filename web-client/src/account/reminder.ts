import type { Clock } from '../platform/clock.ts';

/** The service spreads those who wait itself; this only keeps pages apart that were told the same. */
const SPREAD = 0.1;

/** Does something once, when it was told it may: not sooner, a little later, and late if the page slept meanwhile. */
export class Reminder {
  readonly #clock: Clock;
  readonly #random: () => number;
  #due: { readonly at: number; readonly action: () => void; readonly cancel: () => void } | null = null;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Takes the place of what it was to do before. */
  after(ms: number, action: () => void): void {
    this.cancel();
    const wait = Math.ceil(ms * (1 + SPREAD * this.#random()));
    this.#due = { at: this.#clock.now() + wait, action, cancel: this.#clock.after(wait, () => this.#act()) };
  }

  /** The page is looked at again. Browsers slow the timers of hidden pages down, and stop those of sleeping ones. */
  wake(): void {
    if (this.#due !== null && this.#clock.now() >= this.#due.at) this.#act();
  }

  cancel(): void {
    this.#due?.cancel();
    this.#due = null;
  }

  #act(): void {
    const action = this.#due?.action;
    this.cancel();
    action?.();
  }
}
