import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { Felt } from './felt.ts';
import type { HttpAnswer, HttpRequest } from './http.ts';
import type { SessionAnswer } from './session_source.ts';

const SESSION: SessionAnswer = {
  kind: 'session',
  session: { member: { id: 'm', name: null, roles: ['activist'] }, token: 'x', postsForMs: 600_000, channels: [] },
};
/** The server's clock is this far ahead of the device's. */
const AHEAD = 40_000;

function open(answer: (request: HttpRequest) => HttpAnswer, session: SessionAnswer = SESSION) {
  const clock = new FakeClock();
  const asked: HttpRequest[] = [];
  const felt = new Felt({
    http: async (request) => {
      asked.push(request);
      return answer(request);
    },
    sessions: { current: async () => session },
    clock,
    random: () => 0.5,
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settle();
  };
  const showAfter = (ms: number): void => felt.shown(clock.now() + AHEAD - ms);
  return { felt, clock, asked, pass, showAfter };
}

describe('what a member feels', () => {
  it('is told once the clocks have been compared, by the server’s clock', async () => {
    const { clock, asked, pass, showAfter } = open(() => ({
      kind: 'ok',
      body: { now_ms: clock.now() + AHEAD, again_in_s: 300 },
    }));
    showAfter(120);
    expect(asked).toEqual([]);
    await pass(60_000);
    expect(asked.map(({ path, body }) => [path, body])).toEqual([['/v1/experience', { publish_to_screen_ms: [] }]]);
    expect(asked[0]?.token).toBe('x');
    showAfter(250);
    await pass(299_000);
    expect(asked).toHaveLength(1);
    await pass(1_000);
    expect(asked[1]?.body).toEqual({ publish_to_screen_ms: [120, 250] });
    await pass(300_000);
    expect(asked).toHaveLength(2);
    expect(clock.waiting).toBe(0);
  });

  it('is never negative and never more than twenty figures', async () => {
    const { clock, asked, pass, showAfter } = open(() => ({
      kind: 'ok',
      body: { now_ms: clock.now() + AHEAD, again_in_s: 60 },
    }));
    for (let n = 0; n < 50; n += 1) showAfter(-5);
    await pass(60_000);
    await pass(60_000);
    expect(asked[1]?.body).toEqual({ publish_to_screen_ms: Array.from({ length: 20 }, () => 0) });
  });

  it('is kept when it could not be told, and told later', async () => {
    let isUp = false;
    const { clock, asked, pass, showAfter } = open(() =>
      isUp ? { kind: 'ok', body: { now_ms: clock.now() + AHEAD, again_in_s: 60 } } : { kind: 'unreachable' },
    );
    showAfter(80);
    await pass(60_000);
    isUp = true;
    await pass(60_000);
    await pass(60_000);
    expect(asked.at(-1)?.body).toEqual({ publish_to_screen_ms: [80] });
  });

  it('is not told by an answer that nobody understands more often than once a minute', async () => {
    const { asked, pass, showAfter } = open(() => ({ kind: 'ok', body: { now_ms: 5, again_in_s: 0 } }));
    showAfter(80);
    await pass(60_000);
    await pass(59_000);
    expect(asked).toHaveLength(1);
  });
});

describe('“this is slow”', () => {
  it.each<[HttpAnswer, boolean]>([
    [{ kind: 'ok', body: null }, true],
    [{ kind: 'problem', code: 'too_many_requests', askAgainMs: 0 }, true],
    [{ kind: 'problem', code: 'unavailable', askAgainMs: 0 }, false],
    [{ kind: 'unreachable' }, false],
  ])('%j is heard: %s', async (answer, isHeard) => {
    const { felt, asked } = open(() => answer);
    expect(await felt.sayItIsSlow()).toBe(isHeard);
    expect(asked).toEqual([{ method: 'POST', path: '/v1/slow', token: 'x' }]);
  });

  it('is not said by a device that has no session', async () => {
    const { felt, asked } = open(() => ({ kind: 'ok', body: null }), { kind: 'not-joined' });
    expect(await felt.sayItIsSlow()).toBe(false);
    expect(asked).toEqual([]);
  });
});
