import { describe, expect, it } from 'vitest';
import { topicFromKey, topicKey, type KeptConversation, type Topic } from './conversation.ts';
import type { ReplyLetter } from './letter.ts';
import type { OutboxItem } from './outbox_item.ts';
import { letterTo, threads, topicOf } from './thread.ts';

const BULLETIN = `b${'0'.repeat(31)}`;

function conversation(topic: Topic, at: number, id = 'sent'): KeptConversation {
  const texts = [{ id, from: 'member', text: `Said at ${at}`, at }] as const;
  return { id: `m_1~${topicKey(topic)}`, topic, isOpen: true, acknowledgeBy: null, texts, readUpTo: 0 };
}

function item(topic: Topic, id: string, createdAt: number): OutboxItem<ReplyLetter> {
  return { id, author: 'm_1', letter: letterTo(topic, `Kept at ${createdAt}`), createdAt, state: { kind: 'waiting' } };
}

describe('threads', () => {
  it('join what the service has with what waits to be sent, the latest first', () => {
    const about = { kind: 'bulletin', id: BULLETIN } as const;
    const all = threads(
      [conversation({ kind: 'general' }, 10), conversation(about, 20)],
      [item({ kind: 'general' }, 'new', 30), item({ kind: 'complaint' }, 'first', 15)],
    );
    expect(all.map(({ topic, lastText, unsent }) => [topic.kind, lastText, unsent.length])).toEqual([
      ['general', 'Kept at 30', 1],
      ['bulletin', 'Said at 20', 0],
      ['complaint', 'Kept at 15', 1],
    ]);
  });

  it('show once what was sent and is still in the outbox', () => {
    const [thread] = threads([conversation({ kind: 'general' }, 10, 'same')], [item({ kind: 'general' }, 'same', 9)]);
    expect(thread?.unsent).toEqual([]);
  });
});

describe('topics', () => {
  it.each(['general', 'complaint', BULLETIN])('%s comes back from its letter and its key', (key) => {
    const topic = topicFromKey(key);
    expect(topic === null ? null : topicKey(topicOf(letterTo(topic, 'text')))).toBe(key);
  });

  it('are of bulletins that the service knows', () => {
    expect(topicFromKey('f2a0a2a4-7d1c-4a40-8d7c-6b8c8a6e1b11')).toBeNull();
    expect(topicFromKey('b123')).toBeNull();
  });
});
