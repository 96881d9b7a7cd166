import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../../account/api.ts';
import type { Bulletin, BulletinList, BulletinReceipts } from '../../../../protocol/api.gen.ts';
import { FakeClock } from '../../../../testing/fake_clock.ts';
import { settle } from '../../../../testing/settle.ts';
import { monthsOf, shareOf } from './months.ts';
import { StatisticsModel } from './statistics_model.ts';

const at = (month: number, day: number): number => new Date(2026, month - 1, day, 12).getTime();

function bulletin(id: string, sentAt: number, urgency: 'normal' | 'urgent' = 'normal', change: Partial<Bulletin> = {}): Bulletin {
  return {
    id,
    state: 'sent',
    revision: 1,
    authors: ['m'],
    created_at_ms: sentAt,
    sent_at_ms: sentAt,
    needs: 'two_people',
    content: { kind: 'alert', urgency, texts: { en: { title: 'T', body: 'B' } } },
    ...change,
  };
}

function receipts(accepted: number, received: number, acknowledged: number): BulletinReceipts {
  const stage = (total: number) => ({ total, regions: {} });
  return { accepted: stage(accepted), written: stage(accepted), received: stage(received), acknowledged: stage(acknowledged), over: false, as_of_ms: 1 };
}

const ok = <T>(value: T): ApiAnswer<T> => ({ kind: 'ok', value, tag: null });

describe('months', () => {
  it('have sums, and there are none left out between them', () => {
    const months = monthsOf([
      { bulletin: bulletin('c', at(11, 2), 'urgent'), receipts: receipts(100, 90, 40) },
      { bulletin: bulletin('b', at(11, 1)), receipts: receipts(10, 5, 0) },
      { bulletin: bulletin('a', at(9, 30)), receipts: receipts(20, 20, 0) },
    ]);
    expect(months.map(({ from, ...sums }) => [new Date(from).getMonth() + 1, ...Object.values(sums)])).toEqual([
      [9, 1, 20, 20, 0, 0],
      [10, 0, 0, 0, 0, 0],
      [11, 2, 110, 95, 100, 40],
    ]);
    expect(monthsOf([])).toEqual([]);
  });

  it('have no share of nothing, and never more than all', () => {
    expect([shareOf(0, 0), shareOf(1, 4), shareOf(5, 4)]).toEqual([null, 25, 100]);
  });
});

describe('the figures of the last months', () => {
  const clock = new FakeClock();

  it('are read page by page, of what was sent within a year, without tests', async () => {
    const now = clock.now();
    const pages = new Map<string | undefined, BulletinList>([
      [undefined, { bulletins: [bulletin('d', now), bulletin('draft', now, 'normal', { state: 'draft' })], next: 'two' }],
      ['two', { bulletins: [bulletin('old', now - 400 * 86_400_000), bulletin('test', now, 'normal', { content: { kind: 'test', texts: {} } })], next: 'three' }],
    ]);
    const asked: string[] = [];
    const model = new StatisticsModel({
      list: async (after) => ok(pages.get(after) ?? { bulletins: [] }),
      receipts: async (id) => (asked.push(id), ok(receipts(4, 2, 0))),
      clock,
    });
    await model.read();
    expect(asked).toEqual(['d']);
    expect(model.statistics.value).toMatchObject({ kind: 'read', isPart: false, months: [{ sent: 1, addressed: 4, received: 2 }] });
  });

  it('wait when the service says so, and say why they could not be read', async () => {
    const answers: ApiAnswer<BulletinReceipts>[] = [
      { kind: 'failed', why: 'too_many_requests', askAgainMs: 1_000 },
      { kind: 'failed', why: 'unreachable', askAgainMs: 0 },
    ];
    const model = new StatisticsModel({
      list: async () => ok({ bulletins: [bulletin('a', clock.now())] }),
      receipts: async () => answers.shift() ?? ok(receipts(1, 1, 1)),
      clock,
    });
    const reading = model.read();
    await settle();
    expect(model.statistics.value.kind).toBe('reading');
    clock.advance(1_000);
    await reading;
    expect(model.statistics.value).toEqual({ kind: 'failed', why: 'unreachable' });
  });

  it('are asked for no further once nobody looks', async () => {
    let asked = 0;
    const model = new StatisticsModel({
      list: async () => (model.stop(), ok({ bulletins: [bulletin('a', clock.now())] })),
      receipts: async () => ((asked += 1), ok(receipts(1, 1, 1))),
      clock,
    });
    await model.read();
    expect([asked, model.statistics.value.kind]).toEqual([0, 'reading']);
  });
});
