import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Language } from '../../model/bulletin.ts';
import type { BulletinEntry, Entry } from '../../model/entry.ts';
import type { MessageLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import { isTalk } from '../../model/team_talk.ts';
import { talkOf } from '../../model/team_unread.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import type { Desk } from '../app/desk.ts';

export interface Team {
  readonly channel: string;
  readonly unread: number;
  readonly isMuted: boolean;
  readonly unsent: readonly OutboxItem<MessageLetter>[];
  /** The last thing that somebody said, if anybody did. */
  readonly last: BulletinEntry | null;
}

/** What a member's teams say to each other, and what of it this device has yet to hand over. */
export class TeamsModel {
  readonly #desk: Desk;
  readonly #feed: ReadonlySignal<FeedSnapshot>;
  readonly #unsent: ReadonlySignal<readonly OutboxItem<MessageLetter>[]>;
  /** Drafts are kept outside; this makes who shows one look again. */
  readonly #written = signal(0);

  constructor(desk: Desk, feed: ReadonlySignal<FeedSnapshot>) {
    this.#desk = desk;
    this.#feed = feed;
    this.#unsent = computed(() => {
      const said = new Set(feed.value.entries.map(({ id }) => id));
      return desk.messageItems.value.filter(({ id }) => !said.has(id));
    });
  }

  get isConnected(): boolean {
    const { kind } = this.#feed.value.link;
    return kind === 'live' || kind === 'catching-up';
  }

  get isCatchingUp(): boolean {
    return this.#feed.value.link.kind === 'catching-up';
  }

  team(channel: string): Team {
    const { entries } = this.#feed.value;
    const last = entries.find((entry) => entry.channel === channel && entry.kind === 'bulletin' && isTalk(entry));
    return {
      channel,
      unread: this.#desk.unreadTeams.value.get(channel) ?? 0,
      isMuted: this.#desk.quiet.value.muted.includes(channel),
      unsent: this.#unsent.value.filter(({ letter }) => letter.channel === channel),
      last: last?.kind === 'bulletin' ? last : null,
    };
  }

  /** The oldest first. */
  entries(channel: string): readonly Entry[] {
    return talkOf(this.#feed.value.entries, channel);
  }

  draft(channel: string): string {
    return this.#written.value >= 0 ? this.#desk.drafts.get(channel) : '';
  }

  write(channel: string, text: string): void {
    this.#desk.drafts.set(channel, text);
    this.#written.value += 1;
  }

  /** Resolves when this device holds it. */
  async send(channel: string, language: Language, text: string): Promise<void> {
    const id = this.#desk.randomId();
    const bulletin = { id, kind: 'update', texts: { [language]: { title: '', body: text } } } as const;
    await this.#desk.messages.add(id, { kind: 'message', channel, bulletin });
    // What was written meanwhile is another one.
    if (this.draft(channel).trim() === text) this.write(channel, '');
  }

  async retry(id: string): Promise<void> {
    await this.#desk.messages.retry(id);
  }

  async discard(id: string): Promise<void> {
    await this.#desk.messages.discard(id);
  }

  /** Puts a refused one before what is being written, as a new one. */
  async takeBack({ id, letter: { channel, bulletin } }: OutboxItem<MessageLetter>): Promise<void> {
    const text = (bulletin.texts.en ?? bulletin.texts.cy)?.body ?? '';
    const draft = this.draft(channel);
    this.write(channel, draft === '' ? text : `${text}\n\n${draft}`);
    await this.discard(id);
  }

  seen(channel: string): void {
    this.#desk.readTeam(channel);
  }
}
