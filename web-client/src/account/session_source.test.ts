import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake_clock.ts';
import type { HttpAnswer } from './http.ts';
import { SessionSource, type SessionAnswer } from './session_source.ts';

const body = (token: string) => ({ member: { id: 'm_1', name: null, roles: [] }, access_token: token, expires_in_s: 600, channels: [] });
let clock: FakeClock;
let answers: HttpAnswer[];
let asked: number;
let heard: SessionAnswer['kind'][];
let sessions: SessionSource;

beforeEach(() => {
  clock = new FakeClock();
  answers = [];
  asked = 0;
  heard = [];
  sessions = new SessionSource(
    async () => {
      asked += 1;
      return answers.shift() ?? { kind: 'unreachable' };
    },
    clock,
    ({ kind }) => void heard.push(kind),
  );
});

const tokenOf = (answer: SessionAnswer): string | null => (answer.kind === 'session' ? answer.session.accessToken : null);

describe('the session', () => {
  it('is asked for once while its token is fresh, and again before it ends', async () => {
    answers = [
      { kind: 'ok', body: body('one') },
      { kind: 'ok', body: body('two') },
    ];
    expect(tokenOf(await sessions.current())).toBe('one');
    expect(tokenOf(await sessions.current())).toBe('one');
    clock.advance(575_000);
    expect(tokenOf(await sessions.current())).toBe('two');
    expect(asked).toBe(2);
  });

  it('is asked for once by those who ask at the same time', async () => {
    answers = [{ kind: 'ok', body: body('one') }];
    const both = await Promise.all([sessions.renew(), sessions.renew()]);
    expect(both.map(tokenOf)).toEqual(['one', 'one']);
    expect(asked).toBe(1);
  });

  it('tells being unknown from not being answered', async () => {
    answers = [{ kind: 'problem', code: 'unauthorized' }, { kind: 'problem', code: 'unavailable' }, { kind: 'ok', body: 'nonsense' }];
    for (let n = 0; n < 4; n += 1) await sessions.renew();
    expect(heard).toEqual(['not-joined', 'unavailable', 'unavailable', 'unavailable']);
  });

  it('is not ended while the server cannot be told', async () => {
    expect(await sessions.signOut()).toBe(false);
    answers = [{ kind: 'ok', body: null }];
    expect(await sessions.signOut()).toBe(true);
  });
});
