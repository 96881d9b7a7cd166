import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { textFor, type Language } from '../../model/bulletin.ts';
import { topicKey, type Topic } from '../../model/conversation.ts';
import type { Entry } from '../../model/entry.ts';
import type { ReplyLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import { emptyThread, letterTo, threads, topicOf, type Thread } from '../../model/thread.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import type { Desk } from '../app/desk.ts';

/** A member's own inbox: what was said, what is on its way, and what is being written. */
export class InboxModel {
  /** The latest first. */
  readonly threads: ReadonlySignal<readonly Thread[]>;
  readonly #desk: Desk;
  readonly #feed: ReadonlySignal<FeedSnapshot>;
  /** Drafts are kept outside; this makes who shows one look again. */
  readonly #written = signal(0);

  constructor(desk: Desk, feed: ReadonlySignal<FeedSnapshot>) {
    this.#desk = desk;
    this.#feed = feed;
    this.threads = computed(() => threads(desk.inbox.value.conversations, desk.replyItems.value));
  }

  get freshness(): Desk['inbox']['value']['freshness'] {
    return this.#desk.inbox.value.freshness;
  }

  get isConnected(): boolean {
    const { kind } = this.#feed.value.link;
    return kind === 'live' || kind === 'catching-up';
  }

  thread(topic: Topic): Thread {
    return this.threads.value.find((each) => topicKey(each.topic) === topicKey(topic)) ?? emptyThread(topic);
  }

  draft(topic: Topic): string {
    return this.#written.value >= 0 ? this.#desk.drafts.get(draftKey(topic)) : '';
  }

  write(topic: Topic, text: string): void {
    this.#desk.drafts.set(draftKey(topic), text);
    this.#written.value += 1;
  }

  /** Resolves when this device holds it. */
  async send(topic: Topic, text: string): Promise<void> {
    await this.#desk.replies.add(this.#desk.randomId(), letterTo(topic, text));
    // What was written meanwhile is another one.
    if (this.draft(topic).trim() === text) this.write(topic, '');
  }

  async retry(id: string): Promise<void> {
    await this.#desk.replies.retry(id);
  }

  async discard(id: string): Promise<void> {
    await this.#desk.replies.discard(id);
  }

  /** Puts a refused one before what is being written, as a new one. */
  async takeBack({ id, letter }: OutboxItem<ReplyLetter>): Promise<void> {
    const topic = topicOf(letter);
    const draft = this.draft(topic);
    this.write(topic, draft === '' ? letter.text : `${letter.text}\n\n${draft}`);
    await this.discard(id);
  }

  opened(topic: Topic): void {
    const { conversation } = this.thread(topic);
    if (conversation !== null) void this.#desk.conversations.markRead(conversation.id);
  }

  refresh(): void {
    this.#desk.conversations.refresh();
  }

  /** What a bulletin is called here; `null`: it is not kept on this device. */
  bulletinTitle(id: string, language: Language): string | null {
    const entry = this.#feed.value.entries.find((each: Entry) => each.kind === 'bulletin' && each.bulletin.id === id);
    return entry?.kind === 'bulletin' ? (textFor(entry.bulletin, language)?.text.title ?? null) : null;
  }
}

function draftKey(topic: Topic): string {
  return `reply ${topicKey(topic)}`;
}
