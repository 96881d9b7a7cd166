import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../account/api.ts';
import type { Audience, HeadCount as Counted } from '../../../protocol/api.gen.ts';
import { FakeClock } from '../../../testing/fake_clock.ts';
import { settle } from '../../../testing/settle.ts';
import { COUNT_EVERY_MS, HeadCount, SETTLED_MS } from './head_count.ts';

function open() {
  const clock = new FakeClock();
  const asked: Audience[] = [];
  const waiting: ((answer: ApiAnswer<Counted>) => void)[] = [];
  const model = new HeadCount({
    clock,
    count: async (audience) => {
      asked.push(audience);
      return new Promise((answer) => void waiting.push(answer));
    },
  });
  const answer = async (audience: number): Promise<void> => {
    waiting.shift()?.({ kind: 'ok', value: { audience, members: 100 }, tag: null });
    await settle();
  };
  return { clock, asked, waiting, model, answer };
}

describe('a head-count', () => {
  it('is asked once when somebody has stopped choosing', async () => {
    const { clock, asked, model, answer } = open();
    model.audienceChanged({ regions: ['n'] });
    clock.advance(SETTLED_MS - 1);
    model.audienceChanged({ regions: ['n', 's'] });
    expect(model.counting.value.kind).toBe('counting');
    clock.advance(SETTLED_MS);
    await answer(7);
    expect(asked).toEqual([{ regions: ['n', 's'] }]);
    expect(model.counting.value).toEqual({ kind: 'counted', count: { audience: 7, members: 100 }, asOf: clock.now() });
  });

  it('drops the answer to an older question', async () => {
    const { clock, model, answer } = open();
    model.audienceChanged({ regions: ['n'] });
    clock.advance(SETTLED_MS);
    model.audienceChanged({ regions: ['s'] });
    await answer(7);
    expect(model.counting.value.kind).toBe('counting');
    clock.advance(SETTLED_MS);
    await answer(9);
    expect(model.counting.value).toMatchObject({ count: { audience: 9 } });
  });

  it('is counted again while the page is open, and keeps the last one where that fails', async () => {
    const { clock, asked, waiting, model, answer } = open();
    model.audienceChanged({});
    clock.advance(SETTLED_MS);
    await answer(7);
    clock.advance(COUNT_EVERY_MS);
    waiting.shift()?.({ kind: 'failed', why: 'unreachable', askAgainMs: 0 });
    await settle();
    expect(asked.length).toBe(2);
    expect(model.counting.value).toMatchObject({ kind: 'counted', count: { audience: 7 } });
    model.stop();
    expect(clock.waiting).toBe(0);
  });

  it('asks nothing while nobody is named', () => {
    const { clock, model } = open();
    model.audienceChanged(null);
    expect(model.counting.value).toEqual({ kind: 'nobody' });
    expect(clock.waiting).toBe(0);
  });
});
