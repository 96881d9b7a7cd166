import { beforeEach, describe, expect, it } from 'vitest';
import type { ReceiptRecord } from '../model/receipt.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { GATHER_MS, MAX_BATCH, Receipts, SPREAD_MS, type ReceiptBatch, type ReceiptsAnswer } from './receipts.ts';

const idOf = (n: number): string => `b${n.toString(16).padStart(31, '0')}`;
let clock: FakeClock;
let kept: Map<string, ReceiptRecord>;
let told: ReceiptBatch[];
let answers: ReceiptsAnswer[];
let seen: ReadonlySet<string>;

beforeEach(() => {
  clock = new FakeClock();
  kept = new Map();
  told = [];
  answers = [];
  seen = new Set();
});

async function open(random = 0): Promise<Receipts> {
  const receipts = new Receipts({
    store: {
      load: async () => [...kept.values()],
      put: async (records) => records.forEach((record) => kept.set(record.id, { ...kept.get(record.id), ...record })),
    },
    clock,
    random: () => random,
    tell: async (batch) => {
      told.push(batch);
      return answers.shift() ?? { kind: 'kept' };
    },
    changed: (acknowledged) => (seen = acknowledged),
  });
  await receipts.load();
  return receipts;
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

describe('receipts', () => {
  it('of what came together are told together, once', async () => {
    const receipts = await open();
    receipts.connectionChanged(true);
    receipts.received([idOf(1), idOf(2)]);
    receipts.received([idOf(3), idOf(1)]);
    await pass(GATHER_MS);
    receipts.received([idOf(1), idOf(2), idOf(3)]);
    await pass(60_000);
    expect(told).toEqual([{ acknowledged: [], received: [idOf(1), idOf(2), idOf(3)] }]);
  });

  it('of a crowd are spread over some seconds', async () => {
    const receipts = await open(1);
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    await pass(GATHER_MS + SPREAD_MS - 1);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toHaveLength(1);
  });

  it('are at most 64 in a call', async () => {
    const receipts = await open();
    receipts.connectionChanged(true);
    receipts.received(Array.from({ length: 100 }, (_, n) => idOf(n)));
    receipts.acknowledge(idOf(99));
    await pass(GATHER_MS);
    await pass(GATHER_MS);
    expect(told.map(({ received, acknowledged }) => [received.length, acknowledged.length])).toEqual([
      [MAX_BATCH - 1, 1],
      [100 - MAX_BATCH, 0],
    ]);
  });

  it('are kept while there is no connection, and over a restart', async () => {
    const first = await open();
    first.received([idOf(1)]);
    first.acknowledge(idOf(2));
    await pass(600_000);
    expect(told).toEqual([]);

    const second = await open();
    expect(seen).toEqual(new Set([idOf(2)]));
    second.received([idOf(1)]);
    second.connectionChanged(true);
    await pass(GATHER_MS);
    expect(told).toEqual([{ received: [idOf(1)], acknowledged: [idOf(2)] }]);

    const third = await open();
    third.connectionChanged(true);
    await pass(600_000);
    expect(told).toHaveLength(1);
  });

  it('come back when the service asked for it, with what came meanwhile, whatever happened to the connection', async () => {
    const receipts = await open();
    answers = [{ kind: 'again', retryAfterMs: 30_000 }];
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    await pass(GATHER_MS);
    receipts.received([idOf(2)]);
    receipts.acknowledge(idOf(1));
    receipts.connectionChanged(false);
    receipts.connectionChanged(true);
    await pass(29_999);
    expect(told).toHaveLength(1);
    await pass(1);
    expect(told[1]).toEqual({ received: [idOf(2)], acknowledged: [idOf(1)] });
  });

  it('are told again where nobody answered, later each time', async () => {
    const receipts = await open();
    answers = [{ kind: 'again' }, { kind: 'again' }];
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    for (let second = 0; second < 60; second += 1) await pass(1_000);
    expect(told).toHaveLength(3);
  });

  it('wait for the next connection where this one takes none', async () => {
    const receipts = await open();
    answers = [{ kind: 'refused' }];
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    await pass(600_000);
    expect(told).toHaveLength(1);
    receipts.connectionChanged(true);
    await pass(GATHER_MS);
    expect(told).toHaveLength(2);
  });

  it('that it was seen is told soon, also when others are to be told later', async () => {
    const receipts = await open(1);
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    await pass(10);
    receipts.acknowledge(idOf(1));
    receipts.acknowledge(idOf(1));
    expect(seen.has(idOf(1))).toBe(true);
    await pass(GATHER_MS);
    expect(told).toEqual([{ received: [], acknowledged: [idOf(1)] }]);
    await pass(600_000);
    expect(told).toHaveLength(1);
  });

  it('of another member are not told, and an answer to them is not heard', async () => {
    const receipts = await open();
    receipts.connectionChanged(true);
    receipts.received([idOf(1)]);
    clock.advance(GATHER_MS);
    receipts.clear();
    await settle();
    expect(seen.size).toBe(0);
    await pass(600_000);
    expect(told).toHaveLength(1);
  });
});
