import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../account/api.ts';
import { unreadIn, type ConversationHead, type KeptConversation, type Said } from '../model/conversation.ts';
import type { ConversationPage } from '../protocol/parse_conversation.ts';
import { MemoryConversationStore } from '../storage/conversation_store.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { Conversations, type ConversationsSnapshot } from './conversations.ts';

const asked = (at: number): Said => ({ id: `q${at}`, from: 'member', text: `Asked at ${at}`, at });
const answered = (at: number): Said => ({ id: null, from: 'organiser', text: `Answered at ${at}`, at });

/** The service, as far as conversations go. */
class Service {
  texts = new Map<string, Said[]>();
  fails: ApiAnswer<never> | null = null;
  readonly asked: string[] = [];

  async page(after: string | null): Promise<ApiAnswer<ConversationPage>> {
    this.asked.push(`page ${after ?? 'first'}`);
    if (this.fails !== null) return this.fails;
    const ids = [...this.texts.keys()];
    const id = ids[after === null ? 0 : ids.indexOf(after) + 1];
    if (id === undefined) return { kind: 'ok', value: { conversations: [], next: null }, tag: null };
    const head = this.#head(id, -1);
    return { kind: 'ok', value: { conversations: [head], next: id === ids.at(-1) ? null : id }, tag: null };
  }

  async conversation(id: string): Promise<ApiAnswer<ConversationHead>> {
    this.asked.push(id);
    return { kind: 'ok', value: this.#head(id, 0), tag: null };
  }

  #head(id: string, from: number): ConversationHead {
    const texts = this.texts.get(id) ?? [];
    return { id, topic: { kind: 'general' }, isOpen: true, acknowledgeBy: null, count: texts.length, texts: texts.slice(from) };
  }
}

function desk(store = new MemoryConversationStore()) {
  const service = new Service();
  const clock = new FakeClock();
  let snapshot: ConversationsSnapshot = { conversations: [], freshness: { kind: 'unknown' } };
  const changed = (next: ConversationsSnapshot): void => void (snapshot = next);
  const conversations = new Conversations({ source: service, store, clock, random: () => 0, changed });
  const shown = (): readonly KeptConversation[] => snapshot.conversations;
  return { service, clock, store, conversations, shown, freshness: () => snapshot.freshness };
}

describe('conversations', () => {
  it('are read whole once, and again only where something is new', async () => {
    const { service, conversations, shown } = desk();
    service.texts.set('m_1~general', [asked(1), answered(2)]);
    service.texts.set('m_1~b1', [asked(3)]);
    conversations.connectionChanged(true);
    await conversations.memberChanged('m_1');
    await settle();
    expect(shown().map(({ texts }) => texts.length)).toEqual([2, 1]);
    expect(service.asked).toEqual(['page first', 'm_1~general', 'page m_1~general']);
    service.asked.length = 0;
    service.texts.set('m_1~b1', [asked(3), answered(4)]);
    conversations.refresh();
    await settle();
    expect(shown()[1]?.texts).toEqual([asked(3), answered(4)]);
    expect(service.asked).toEqual(['page first', 'page m_1~general', 'm_1~b1']);
  });

  it('are shown from what is kept before the service can be reached', async () => {
    const store = new MemoryConversationStore();
    const first = desk(store);
    first.service.texts.set('m_1~general', [asked(1)]);
    await first.conversations.memberChanged('m_1');
    first.conversations.connectionChanged(true);
    await settle();
    const second = desk(store);
    await second.conversations.memberChanged('m_1');
    expect(second.shown()[0]?.texts).toEqual([asked(1)]);
    expect(second.service.asked).toEqual([]);
    expect(second.freshness().kind).toBe('unknown');
  });

  it('of another member are never shown', async () => {
    const { service, conversations, shown } = desk();
    service.texts.set('m_1~general', [asked(1)]);
    await conversations.memberChanged('m_1');
    conversations.connectionChanged(true);
    await settle();
    expect(shown()).toHaveLength(1);
    service.fails = { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
    await conversations.memberChanged('m_2');
    expect(shown()).toEqual([]);
  });

  it('are asked for again when the service said so, and not before', async () => {
    const { service, clock, conversations, freshness } = desk();
    service.fails = { kind: 'failed', why: 'too_many_requests', askAgainMs: 7_000 };
    await conversations.memberChanged('m_1');
    conversations.connectionChanged(true);
    await settle();
    expect(freshness()).toEqual({ kind: 'failed', why: 'too_many_requests' });
    conversations.refresh();
    clock.advance(6_999);
    await settle();
    expect(service.asked).toHaveLength(1);
    service.fails = null;
    clock.advance(1);
    await settle();
    expect(service.asked).toHaveLength(2);
    expect(freshness()).toEqual({ kind: 'fresh' });
  });

  it('count answers until they are read, on this device or by writing on another', async () => {
    const { service, conversations, shown } = desk();
    service.texts.set('m_1~general', [asked(1), answered(2), answered(3)]);
    await conversations.memberChanged('m_1');
    conversations.connectionChanged(true);
    await settle();
    const unread = (): number => shown().reduce((sum, each) => sum + unreadIn(each), 0);
    expect(unread()).toBe(2);
    await conversations.markRead('m_1~general');
    expect(unread()).toBe(0);
    service.texts.set('m_1~general', [asked(1), answered(2), answered(3), answered(4)]);
    conversations.refresh();
    await settle();
    expect(unread()).toBe(1);
    service.texts.set('m_1~general', [asked(1), answered(2), answered(3), answered(4), asked(5)]);
    conversations.refresh();
    await settle();
    expect(unread()).toBe(0);
  });
});
