import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../account/api.ts';
import type { InboxFilter } from '../../../account/inbox.ts';
import type { Conversation, ConversationList } from '../../../protocol/api.gen.ts';
import { InboxCounter } from './inbox_count.ts';
import { InboxModel } from './inbox_model.ts';

function conversation(at: number, unanswered = 0): Conversation {
  return { id: `m${at}~general`, about: 'reply', member: `m${at}`, state: 'open', unanswered, revision: 1, count: 1, texts: [] };
}

/** A service with so many conversations. */
function serviceOf(all: Conversation[]) {
  const asked: [InboxFilter, number][] = [];
  const service = {
    asked,
    isAway: false,
    async list(filter: InboxFilter, limit: number, after: string | null): Promise<ApiAnswer<ConversationList>> {
      asked.push([filter, limit]);
      if (service.isAway) return { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
      const from = Number(after ?? 0);
      const next = from + limit < all.length ? { next: String(from + limit) } : {};
      return { kind: 'ok', value: { conversations: all.slice(from, from + limit), ...next }, tag: null };
    },
  };
  return service;
}

const many = (count: number): Conversation[] => Array.from({ length: count }, (_, at) => conversation(at));

function idsOf(model: InboxModel): string[] {
  const listing = model.listing.value;
  return listing.kind === 'listed' ? listing.conversations.map(({ id }) => id) : [];
}

describe('the inbox', () => {
  it('keeps what was read when the service is away, and says that it is not fresh', async () => {
    const service = serviceOf(many(1));
    const model = new InboxModel(service, () => 5);
    await model.refresh();
    service.isAway = true;
    await model.refresh();
    expect(model.listing.value).toMatchObject({ kind: 'listed', asOf: 5, stale: 'unreachable' });
    expect(idsOf(model)).toEqual(['m0~general']);
  });

  it('reads on, up to all, each conversation once', async () => {
    const service = serviceOf(many(430));
    const model = new InboxModel(service, () => 5);
    await model.refresh();
    for (let reads = 0; reads < 5; reads += 1) await model.readOn();
    expect(new Set(idsOf(model)).size).toBe(430);
    expect(idsOf(model)).toHaveLength(430);
    expect(model.listing.value).toMatchObject({ next: null });
    await model.refresh();
    expect(idsOf(model)).toHaveLength(430);
  });

  it('begins anew with another filter', async () => {
    const service = serviceOf(many(60));
    const model = new InboxModel(service, () => 5);
    await model.refresh();
    await model.readOn();
    await model.choose('closed');
    expect(service.asked.at(-1)).toEqual(['closed', 50]);
    expect(idsOf(model)).toHaveLength(50);
  });
});

describe('the count on the rail', () => {
  it('has the conversations that wait for an answer, and says when there may be more', async () => {
    const few = new InboxCounter(serviceOf([conversation(1, 2), conversation(2), conversation(3, 1)]));
    await few.refresh();
    expect(few.count.value).toEqual({ waiting: 2, isAtLeast: false });
    const crowd = new InboxCounter(serviceOf(Array.from({ length: 101 }, (_, at) => conversation(at, 1))));
    await crowd.refresh();
    expect(crowd.count.value).toEqual({ waiting: 100, isAtLeast: true });
  });

  it('stays what it was without an answer', async () => {
    const service = serviceOf([conversation(1, 1)]);
    const counter = new InboxCounter(service);
    await counter.refresh();
    service.isAway = true;
    await counter.refresh();
    expect(counter.count.value.waiting).toBe(1);
  });
});
