import { topicKey, unreadIn, type KeptConversation, type Topic } from './conversation.ts';
import type { ReplyLetter } from './letter.ts';
import type { OutboxItem } from './outbox_item.ts';

/** A conversation as its member sees it: what the service has, and after it what this device has yet to hand over. */
export interface Thread {
  readonly topic: Topic;
  /** `null`: the service has nothing of it yet, as far as this device knows. */
  readonly conversation: KeptConversation | null;
  readonly unsent: readonly OutboxItem<ReplyLetter>[];
  readonly lastText: string;
  readonly lastAt: number;
  readonly unread: number;
}

/** The latest first. */
export function threads(
  conversations: readonly KeptConversation[],
  outbox: readonly OutboxItem<ReplyLetter>[],
): readonly Thread[] {
  const byTopic = new Map<string, Thread>();
  for (const conversation of conversations) {
    const last = conversation.texts.at(-1);
    byTopic.set(topicKey(conversation.topic), {
      topic: conversation.topic,
      conversation,
      unsent: [],
      lastText: last?.text ?? '',
      lastAt: last?.at ?? 0,
      unread: unreadIn(conversation),
    });
  }
  for (const item of outbox) {
    const topic = topicOf(item.letter);
    const key = topicKey(topic);
    const known = byTopic.get(key) ?? emptyThread(topic);
    if (has(known, item.id)) continue;
    byTopic.set(key, {
      ...known,
      unsent: [...known.unsent, item],
      lastText: item.letter.text,
      lastAt: Math.max(known.lastAt, item.createdAt),
    });
  }
  return [...byTopic.values()].sort((a, b) => b.lastAt - a.lastAt);
}

export function emptyThread(topic: Topic): Thread {
  return { topic, conversation: null, unsent: [], lastText: '', lastAt: 0, unread: 0 };
}

export function topicOf({ about, isComplaint }: ReplyLetter): Topic {
  if (isComplaint) return { kind: 'complaint' };
  return about === null ? { kind: 'general' } : { kind: 'bulletin', id: about };
}

export function letterTo(topic: Topic, text: string): ReplyLetter {
  return {
    kind: 'reply',
    text,
    about: topic.kind === 'bulletin' ? topic.id : null,
    isComplaint: topic.kind === 'complaint',
  };
}

/** What was sent is in the conversation as soon as that was read again. */
function has({ conversation }: Thread, id: string): boolean {
  return conversation?.texts.some((said) => said.id === id) ?? false;
}
