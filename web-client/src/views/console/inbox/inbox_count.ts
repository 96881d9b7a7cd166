import { signal, type ReadonlySignal } from '@preact/signals';
import type { InboxReading } from './inbox_model.ts';

/** How many conversations wait for an answer. */
export interface InboxCount {
  readonly waiting: number;
  /** There may be more than were looked at. */
  readonly isAtLeast: boolean;
}

/** So many are looked at; nobody needs to know which of the hundreds it is. */
const LOOKED_AT = 100;
export const COUNT_EVERY_MS = 30_000;

export class InboxCounter {
  readonly count: ReadonlySignal<InboxCount>;
  readonly #inbox: InboxReading;
  readonly #count = signal<InboxCount>({ waiting: 0, isAtLeast: false });

  constructor(inbox: InboxReading) {
    this.#inbox = inbox;
    this.count = this.#count;
  }

  /** Without an answer it stays what it was. */
  async refresh(): Promise<void> {
    const answer = await this.#inbox.list('open', LOOKED_AT, null);
    if (answer.kind === 'failed') return;
    const { conversations, next } = answer.value;
    const waiting = conversations.filter(({ unanswered }) => unanswered > 0).length;
    this.#count.value = { waiting, isAtLeast: next !== undefined };
  }
}
