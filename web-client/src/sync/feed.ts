import { isBulletinId } from '../model/bulletin.ts';
import { withRepeat, type Entry } from '../model/entry.ts';
import { linkState, type ChannelProgress, type LinkPhase, type LinkState } from '../model/link_state.ts';
import { NOTHING_READ, type Bookmark } from '../model/position.ts';
import { timeline } from '../model/timeline.ts';
import { FIRST_VISIT, type Visit } from '../model/visit.ts';
import type { Clock } from '../platform/clock.ts';
import type { FeedStore } from '../storage/feed_store.ts';
import { Follower } from './follower.ts';
import type { Link } from './link.ts';

export interface FeedSnapshot {
  readonly entries: readonly Entry[];
  readonly link: LinkState;
  readonly visit: Visit;
}

export interface FeedParts {
  readonly link: Link;
  readonly store: FeedStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly changed: (snapshot: FeedSnapshot) => void;
  /** Bulletins with these ids are on this device, told of once by each page. */
  readonly received?: (ids: readonly string[]) => void;
  /** A message that came while everything else was read is on the screen. */
  readonly shownLive?: (postedAt: number) => void;
}

/** The SDK declares a connection dead after this much silence, so an open one was alive that long ago at least. */
const LONGEST_SILENCE_MS = 35_000;

/** All followed channels as one noticeboard, with what is known about the connection. */
export class Feed {
  readonly #parts: FeedParts;
  readonly #followers = new Map<string, Follower>();
  #stopping: Promise<void>[] = [];
  #bookmarks = new Map<string, Bookmark>();
  #wanted: readonly string[] = [];
  #entries: Entry[] = [];
  /** Where each stands among the entries. */
  #shown = new Map<string, number>();
  #sorted: Entry[] | null = [];
  #phase: LinkPhase = 'connecting';
  #visit: Visit;
  #currentAsOf: number | null = null;
  #wasLive = false;
  #loaded = false;

  constructor(parts: FeedParts, leftAt: number | null) {
    this.#parts = parts;
    this.#visit = { ...FIRST_VISIT, leftAt };
  }

  /** Shows what this device has, before anything is asked of the network. */
  async load(): Promise<void> {
    const { entries, bookmarks, currentAsOf } = await this.#parts.store.load();
    this.#bookmarks = new Map(bookmarks);
    this.#currentAsOf = currentAsOf;
    this.#loaded = true;
    this.#add(entries);
    this.follow(this.#wanted);
  }

  /** Reads exactly these channels from now on. One that was refused is asked for again. */
  follow(channels: readonly string[]): void {
    this.#wanted = channels;
    if (!this.#loaded) return;
    for (const [channel, follower] of this.#followers) {
      if (channels.includes(channel) && follower.progress.kind !== 'refused') continue;
      this.#bookmarks.set(channel, follower.bookmark);
      this.#followers.delete(channel);
      this.#stopping.push(follower.stop());
    }
    for (const channel of channels) {
      if (this.#followers.has(channel)) continue;
      const follower = this.#follower(channel);
      this.#followers.set(channel, follower);
      follower.start();
    }
    this.#tell();
  }

  /**
   * Empties the noticeboard at once for one who is no longer a member. When it resolves, nothing more is written, and
   * the owner of the store may empty that.
   */
  async clear(): Promise<void> {
    this.follow([]);
    const stopping = this.#stopping;
    this.#stopping = [];
    this.#bookmarks = new Map();
    this.#entries = [];
    this.#shown = new Map();
    this.#sorted = null;
    this.#currentAsOf = null;
    this.#visit = FIRST_VISIT;
    this.#tell();
    await Promise.all(stopping);
  }

  phaseChanged(phase: LinkPhase): void {
    this.#phase = phase;
    this.#tell();
  }

  readerLeft(): void {
    if (this.#wasLive) this.#keepCurrentAsOf(this.#parts.clock.now() - LONGEST_SILENCE_MS);
  }

  readerReturned(leftAt: number): void {
    this.#visit = { leftAt, caughtUpAt: this.#wasLive ? this.#parts.clock.now() : null };
    this.#tell();
  }

  async settled(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.settled()));
  }

  #follower(channel: string): Follower {
    const { link, store, clock, random } = this.#parts;
    return new Follower(
      {
        channel,
        link,
        store,
        clock,
        random,
        arrived: (entries) => this.#add(entries),
        progressed: () => this.#tell(),
      },
      this.#bookmarks.get(channel) ?? NOTHING_READ,
    );
  }

  /** What is new to this screen: the store may have it already, from another tab. */
  #add(entries: readonly Entry[]): void {
    const isLive = this.#wasLive;
    const fresh: Entry[] = [];
    for (const entry of entries) {
      const at = this.#shown.get(entry.id);
      if (at !== undefined) {
        this.#again(at, entry);
        continue;
      }
      this.#shown.set(entry.id, this.#entries.length);
      this.#entries.push(entry);
      fresh.push(entry);
      this.#sorted = null;
    }
    const bulletins = fresh.filter(({ kind, id }) => kind === 'bulletin' && isBulletinId(id));
    if (bulletins.length > 0) this.#parts.received?.(bulletins.map(({ id }) => id));
    if (isLive) this.#keepCurrentAsOf(this.#parts.clock.now());
    this.#tell();
    if (!isLive) return;
    for (const entry of fresh) if (entry.kind !== 'gap') this.#parts.shownLive?.(entry.postedAt);
  }

  #again(at: number, repeat: Entry): void {
    const first = this.#entries[at];
    if (first === undefined) return;
    const kept = withRepeat(first, repeat);
    if (kept === first) return;
    this.#entries[at] = kept;
    this.#sorted = null;
  }

  #tell(): void {
    const progress: ChannelProgress[] = [...this.#followers.values()].map((follower) => follower.progress);
    // Before the session has named the channels there is nothing to be up to date with.
    const channels: ChannelProgress[] = progress.length === 0 ? [{ kind: 'waiting' }] : progress;
    let link = linkState(this.#phase, channels, this.#currentAsOf);
    const isLive = link.kind === 'live';
    if (isLive !== this.#wasLive) {
      this.#wasLive = isLive;
      const now = this.#parts.clock.now();
      this.#keepCurrentAsOf(isLive ? now : now - LONGEST_SILENCE_MS);
      if (isLive && this.#visit.caughtUpAt === null) this.#visit = { ...this.#visit, caughtUpAt: now };
      link = linkState(this.#phase, channels, this.#currentAsOf);
    }
    this.#sorted ??= timeline(this.#entries);
    this.#parts.changed({ entries: this.#sorted, link, visit: this.#visit });
  }

  #keepCurrentAsOf(time: number): void {
    if (this.#currentAsOf !== null && time <= this.#currentAsOf) return;
    this.#currentAsOf = time;
    void this.#parts.store.setCurrentAsOf(time);
  }
}
