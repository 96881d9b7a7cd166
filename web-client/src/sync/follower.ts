import type { Entry } from '../model/entry.ts';
import type { ChannelProgress } from '../model/link_state.ts';
import type { Bookmark } from '../model/position.ts';
import type { Clock } from '../platform/clock.ts';
import type { FeedStore } from '../storage/feed_store.ts';
import { backoffMs } from './backoff.ts';
import { gapEntry, receivedEntry } from './entry_from.ts';
import type { ChannelHandler, Link, ReceivedPublication, SubscribedReply } from './link.ts';

export interface FollowerParts {
  readonly channel: string;
  readonly link: Link;
  readonly store: FeedStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called after the store has them. Repeats come too. */
  readonly arrived: (entries: readonly Entry[]) => void;
  readonly progressed: () => void;
}

type Step =
  | { readonly kind: 'subscribed'; readonly reply: SubscribedReply }
  | { readonly kind: 'publication'; readonly publication: ReceivedPublication; readonly arrivedAt: number };

/** One transaction holds at most this many publications, so that the first of many show soon. */
const MAX_BATCH = 200;
const HISTORY_PAGE = 100;
/** What a first visit shows before it reads the history from its beginning. */
const NEWEST_FIRST = 10;

/** The Centrifuge protocol's number for a place in the history that is no longer kept. */
const UNRECOVERABLE_POSITION = 112;

/** Reads one channel: each step is stored before it is shown, and steps never overtake each other. */
export class Follower implements ChannelHandler {
  readonly #parts: FollowerParts;
  readonly #steps: Step[] = [];
  #bookmark: Bookmark;
  #progress: ChannelProgress = { kind: 'waiting' };
  #working: Promise<void> | null = null;
  #unfollow: (() => void) | null = null;
  #stopped = false;
  #writing: Promise<boolean> | null = null;

  constructor(parts: FollowerParts, bookmark: Bookmark) {
    this.#parts = parts;
    this.#bookmark = bookmark;
  }

  get progress(): ChannelProgress {
    return this.#progress;
  }

  /** How far the channel is read. */
  get bookmark(): Bookmark {
    return this.#bookmark;
  }

  start(): void {
    this.#unfollow = this.#parts.link.follow(this.#parts.channel, this.#bookmark.position, this);
  }

  /** Resolves when nothing more will be written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unfollow?.();
    this.#steps.length = 0;
    await this.#writing;
  }

  /** Resolves when all that was received so far is stored. */
  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  subscribing(): void {
    this.#move({ kind: 'waiting' });
  }

  subscribed(reply: SubscribedReply): void {
    this.#enqueue({ kind: 'subscribed', reply });
  }

  publication(publication: ReceivedPublication): void {
    this.#enqueue({ kind: 'publication', publication, arrivedAt: this.#parts.clock.now() });
  }

  refused(): void {
    this.#move({ kind: 'refused' });
  }

  #enqueue(step: Step): void {
    if (this.#stopped) return;
    this.#steps.push(step);
    this.#wake();
  }

  #wake(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      if (this.#steps.length > 0) this.#wake();
    });
  }

  async #work(): Promise<void> {
    // Everything that one network frame brought is enqueued before the first transaction begins.
    await Promise.resolve();
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      if (step.kind === 'subscribed') await this.#begin(step.reply);
      else await this.#take([step, ...this.#followingPublications()]);
    }
  }

  #followingPublications(): Extract<Step, { kind: 'publication' }>[] {
    const batch: Extract<Step, { kind: 'publication' }>[] = [];
    while (batch.length < MAX_BATCH - 1) {
      const next = this.#steps[0];
      if (next?.kind !== 'publication') break;
      batch.push(next);
      this.#steps.shift();
    }
    return batch;
  }

  async #begin({ continued, position, top }: SubscribedReply): Promise<void> {
    if (position === null) {
      this.#move({ kind: 'reading', from: 0, at: 0, top: 0 });
      return;
    }
    const before = this.#bookmark;
    const sameEpoch = before.position.epoch === position.epoch;
    if (continued) {
      // The server vouches that this epoch goes on where ours ended, whatever its name.
      this.#bookmark = { ...before, position: { epoch: position.epoch, offset: before.position.offset } };
      if (!sameEpoch) await this.#store([]);
    } else {
      // Behind our bookmark, under the same epoch, is a history that lost its end.
      const isBehind = !sameEpoch || position.offset < before.position.offset;
      const isNewHistory = isBehind && before.position.epoch !== '';
      this.#bookmark = {
        generation: before.generation + (isNewHistory ? 1 : 0),
        position: { epoch: position.epoch, offset: isNewHistory ? 0 : before.position.offset },
      };
      await this.#storeGap();
    }
    const from = this.#bookmark.position.offset;
    this.#move({ kind: 'reading', from, at: from, top: Math.max(top ?? position.offset, from) });
    const isNew = before.position.epoch === '';
    if (isNew && position.offset > NEWEST_FIRST) await this.#showNewest();
    if (position.offset > from) await this.#readUpTo(position.offset, continued ? from : null);
  }

  /** So that nobody waits for what is old to read what is new. The bookmark stays: all of it is still to be read in order. */
  async #showNewest(): Promise<void> {
    const { channel, link, clock } = this.#parts;
    const answer = await link.history(channel, 'newest', NEWEST_FIRST);
    if (answer.kind !== 'page') return;
    const arrivedAt = clock.now();
    await this.#store(answer.publications.map((publication) => receivedEntry(channel, this.#bookmark, publication, arrivedAt)));
  }

  /**
   * The SDK goes on from `end`; what lies between our bookmark and there has to be read from the history. `after` is
   * `null` when the place we know is gone, and then the history begins with the oldest that is still kept.
   */
  async #readUpTo(end: number, after: number | null): Promise<void> {
    const { channel, link, clock, random } = this.#parts;
    let failures = 0;
    let since = after;
    while (!this.#stopped && (since ?? 0) < end) {
      const { epoch } = this.#bookmark.position;
      const answer = await link.history(channel, since === null ? null : { epoch, offset: since }, HISTORY_PAGE);
      if (answer.kind === 'later') {
        failures += 1;
        await new Promise<void>((resolve) => void clock.after(backoffMs(failures, random), resolve));
        continue;
      }
      if (answer.kind === 'refused') {
        // What the history did not give is not read: the next session asks for it again from the same bookmark.
        await this.#storeGap();
        if (answer.code !== UNRECOVERABLE_POSITION || since === null) return;
        since = null;
        continue;
      }
      if (answer.publications.length === 0) {
        if (since !== null && since > 0) await this.#storeGap();
        break;
      }
      failures = 0;
      const arrivedAt = clock.now();
      await this.#take(answer.publications.map((publication) => ({ publication, arrivedAt })));
      since = Math.max(...answer.publications.map(({ offset }) => offset ?? end));
    }
    if (this.#stopped || this.#bookmark.position.offset >= end) return;
    this.#bookmark = { ...this.#bookmark, position: { ...this.#bookmark.position, offset: end } };
    await this.#store([]);
  }

  async #take(batch: readonly { publication: ReceivedPublication; arrivedAt: number }[]): Promise<void> {
    const { generation, position } = this.#bookmark;
    const entries = batch.map(({ publication, arrivedAt }) =>
      receivedEntry(this.#parts.channel, this.#bookmark, publication, arrivedAt),
    );
    const offset = Math.max(position.offset, ...batch.map(({ publication }) => publication.offset ?? 0));
    this.#bookmark = { generation, position: { ...position, offset } };
    await this.#store(entries);
  }

  async #storeGap(): Promise<void> {
    await this.#store([gapEntry(this.#parts.channel, this.#bookmark, this.#parts.clock.now())]);
  }

  async #store(entries: readonly Entry[]): Promise<void> {
    if (this.#stopped) return;
    const { channel, store, arrived } = this.#parts;
    this.#writing = store.record(channel, this.#bookmark, entries);
    const isOurs = await this.#writing;
    this.#writing = null;
    if (!isOurs) void this.stop();
    if (this.#stopped) return;
    if (entries.length > 0) arrived(entries);
    const progress = this.#progress;
    if (progress.kind === 'reading') {
      const at = this.#bookmark.position.offset;
      this.#move({ ...progress, at, top: Math.max(progress.top, at) });
    }
  }

  #move(progress: ChannelProgress): void {
    this.#progress = progress;
    this.#parts.progressed();
  }
}
