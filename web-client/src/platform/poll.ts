import type { Clock } from './clock.ts';

export interface PollParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly everyMs: () => number;
  /** Asks once. The next time comes after it has answered. */
  readonly ask: () => Promise<void>;
}

/** Organisers hear of a change together, and do not ask together. */
const SPREAD_MS = 500;

/** Asks again and again while somebody looks, and at once when they come back to look. */
export class Poll {
  readonly #parts: PollParts;
  #started = false;
  #visible = true;
  #asking = false;
  /** It is asked again shortly. */
  #hinted = false;
  #cancel: (() => void) | null = null;

  constructor(parts: PollParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    void this.now();
  }

  stop(): void {
    this.#started = false;
    this.#rest();
  }

  visibleChanged(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (visible && this.#started) void this.now();
    else this.#rest();
  }

  /** Asks at once, if it asks at all. */
  soon(): void {
    if (this.#started && this.#visible) void this.now();
  }

  /** Something changed: it is asked within the spread, once for many hints. */
  hint(): void {
    if (this.#asking) this.#hinted = true;
    else if (this.#started && this.#visible && !this.#hinted) this.#shortly();
  }

  /** Asks without waiting for the next turn. */
  async now(): Promise<void> {
    if (this.#asking) return;
    this.#rest();
    this.#asking = true;
    this.#hinted = false;
    try {
      await this.#parts.ask();
    } finally {
      this.#asking = false;
      this.#next();
    }
  }

  #next(): void {
    if (!this.#started || !this.#visible) return;
    if (this.#hinted) return this.#shortly();
    this.#cancel = this.#parts.clock.after(this.#parts.everyMs(), () => {
      this.#cancel = null;
      void this.now();
    });
  }

  #shortly(): void {
    this.#rest();
    this.#hinted = true;
    this.#cancel = this.#parts.clock.after(this.#parts.random() * SPREAD_MS, () => {
      this.#cancel = null;
      void this.now();
    });
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
