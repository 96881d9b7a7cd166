import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { BulletinAction, Bulletins } from '../../../../account/bulletins.ts';
import type { SigningProblem } from '../../../../model/outbox_item.ts';
import type { Clock } from '../../../../platform/clock.ts';
import { Poll } from '../../../../platform/poll.ts';
import type { Bulletin, BulletinReceipts } from '../../../../protocol/api.gen.ts';
import { hasGone } from '../may.ts';

export interface BulletinModelParts {
  readonly bulletins: Pick<Bulletins, 'act' | 'correct' | 'get' | 'receipts'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  /** Adds the signature that goes with a deed, or says why there can be none. Without it nobody signs here. */
  readonly sign?: (bulletin: Bulletin, action: BulletinAction) => Promise<{ readonly action: BulletinAction } | { readonly cannot: SigningProblem }>;
}

export type Reading =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly bulletin: Bulletin; readonly asOf: number; readonly failed: Failure | null }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Doing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working'; readonly deed: BulletinAction['kind'] | 'correct' }
  | { readonly kind: 'done'; readonly deed: BulletinAction['kind'] }
  /** `overtaken`: somebody did something to it meanwhile; the newest is on the screen. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'failed'; readonly why: Failure | SigningProblem };

/** How many a bulletin came how far with, at a moment while somebody looked on. */
export interface Sample {
  readonly at: number;
  readonly accepted: number;
  readonly written: number;
  readonly received: number;
  readonly acknowledged: number;
}

/** Half an hour of looking on; then the oldest make room. */
export const SAMPLES_MAX = 600;
export const LOOK_EVERY_MS = 3_000;

/** One bulletin while somebody looks at it: what it is now, what they do, and how far it came. */
export class BulletinModel {
  readonly id: string;
  readonly reading: ReadonlySignal<Reading>;
  readonly doing: ReadonlySignal<Doing>;
  readonly receipts: ReadonlySignal<BulletinReceipts | null>;
  readonly samples: ReadonlySignal<readonly Sample[]>;

  readonly #parts: BulletinModelParts;
  readonly #poll: Poll;
  readonly #reading = signal<Reading>({ kind: 'loading' });
  readonly #doing = signal<Doing>({ kind: 'idle' });
  readonly #receipts = signal<BulletinReceipts | null>(null);
  readonly #samples = signal<readonly Sample[]>([]);
  /** An answer to a question from before a deed is older than the deed's own. */
  #deeds = 0;

  constructor(id: string, parts: BulletinModelParts) {
    this.id = id;
    this.#parts = parts;
    this.reading = this.#reading;
    this.doing = this.#doing;
    this.receipts = this.#receipts;
    this.samples = this.#samples;
    this.#poll = new Poll({ clock: parts.clock, random: parts.random, everyMs: () => LOOK_EVERY_MS, ask: async () => this.#look() });
  }

  start(): void {
    this.#poll.start();
  }

  stop(): void {
    this.#poll.stop();
  }

  visibleChanged(visible: boolean): void {
    this.#poll.visibleChanged(visible);
  }

  async act(action: BulletinAction): Promise<void> {
    const reading = this.#reading.value;
    if (reading.kind !== 'here' || this.#doing.value.kind === 'working') return;
    this.#doing.value = { kind: 'working', deed: action.kind };
    // Signed is what was on the screen when they decided.
    const prepared = (await this.#parts.sign?.(reading.bulletin, action)) ?? { action };
    if ('cannot' in prepared) {
      this.#doing.value = { kind: 'failed', why: prepared.cannot };
      return;
    }
    const answer = await this.#parts.bulletins.act(this.id, reading.bulletin.revision, prepared.action);
    this.#deeds += 1;
    if (answer.kind === 'ok') {
      this.#show(answer.value);
      this.#doing.value = { kind: 'done', deed: action.kind };
    } else {
      await this.#failed(answer.why);
    }
  }

  /** Begins a correction; its id, or `null` if there is none. */
  async correct(): Promise<string | null> {
    if (this.#doing.value.kind === 'working') return null;
    this.#doing.value = { kind: 'working', deed: 'correct' };
    const answer = await this.#parts.bulletins.correct(this.id, this.#parts.newId());
    if (answer.kind === 'failed') {
      await this.#failed(answer.why);
      return null;
    }
    this.#doing.value = { kind: 'idle' };
    return answer.value.id;
  }

  async #failed(why: Failure): Promise<void> {
    const isOvertaken = why === 'changed_meanwhile' || why === 'bulletin_state';
    if (isOvertaken) this.#take(await this.#parts.bulletins.get(this.id));
    this.#doing.value = isOvertaken ? { kind: 'overtaken' } : { kind: 'failed', why };
  }

  async #look(): Promise<void> {
    const deeds = this.#deeds;
    const answer = await this.#parts.bulletins.get(this.id);
    if (deeds === this.#deeds) this.#take(answer);
    const reading = this.#reading.value;
    if (reading.kind === 'here' && hasGone(reading.bulletin)) await this.#count();
  }

  async #count(): Promise<void> {
    const answer = await this.#parts.bulletins.receipts(this.id);
    if (answer.kind === 'failed') return;
    const { accepted, written, received, acknowledged } = answer.value;
    const sample = {
      at: answer.value.as_of_ms,
      accepted: accepted.total,
      written: written.total,
      received: received.total,
      acknowledged: acknowledged.total,
    };
    this.#receipts.value = answer.value;
    this.#samples.value = [...this.#samples.value, sample].slice(-SAMPLES_MAX);
  }

  #take(answer: ApiAnswer<Bulletin>): void {
    if (answer.kind === 'ok') return this.#show(answer.value);
    const before = this.#reading.value;
    this.#reading.value = before.kind === 'here' ? { ...before, failed: answer.why } : { kind: 'failed', why: answer.why };
  }

  #show(bulletin: Bulletin): void {
    this.#reading.value = { kind: 'here', bulletin, asOf: this.#parts.clock.now(), failed: null };
  }
}
