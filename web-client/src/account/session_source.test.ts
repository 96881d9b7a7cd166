import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import type { HttpAnswer } from './http.ts';
import type { Word } from './other_admissions.ts';
import { SessionSource, type SessionAnswer } from './session_source.ts';

const admitted = (ticket: string, renewInS = 600): HttpAnswer => ({
  kind: 'ok',
  body: { member: { id: 'm_1', name: null, roles: [] }, ticket, expires_in_s: 86_400, renew_in_s: renewInS, channels: [] },
});
const waiting = (position: number, askAgainMs = 20_000): HttpAnswer => ({
  kind: 'waiting',
  waiting: { position, waitMs: position * 1_000 },
  askAgainMs,
});
const problem = (code: 'proof_needed' | 'unauthorized' | 'unavailable', askAgainMs = 0): HttpAnswer => ({ kind: 'problem', code, askAgainMs });

let clock: FakeClock;
let answers: HttpAnswer[];
let asked: number[];
let heard: SessionAnswer[];
let told: Word[];
let sessions: SessionSource;

const tab = (tell: (word: Word) => void, random = () => 0.5): SessionSource =>
  new SessionSource({
    http: async () => {
      asked.push(clock.now());
      return answers.shift() ?? { kind: 'unreachable' };
    },
    clock,
    random,
    changed: (answer) => void heard.push(answer),
    tell,
  });

beforeEach(() => {
  clock = new FakeClock(0);
  answers = [];
  asked = [];
  heard = [];
  told = [];
  sessions = tab((word) => void told.push(word));
});

const tokenOf = (answer: SessionAnswer): string | null => (answer.kind === 'session' ? answer.session.token : null);

/** Lets time go by as it does, a second after the other. */
async function pass(seconds: number): Promise<void> {
  await settle();
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(1_000);
    await settle();
  }
}

describe('the session', () => {
  it('that was adopted is not undone by an answer to what was asked before', async () => {
    answers = [problem('unauthorized')];
    const late = sessions.renew();
    sessions.adopt({ member: { id: 'm_1', name: null, roles: ['admin'] }, token: 'confirmed', postsForMs: 600_000, channels: [] });
    expect([tokenOf(await late), tokenOf(await sessions.current())]).toEqual(['confirmed', 'confirmed']);
  });

  it('is not ended where the device cannot show its key, and that is told', async () => {
    answers = [problem('proof_needed'), admitted('one')];
    expect(await sessions.current()).toEqual({ kind: 'unavailable', isUnproven: true });
    expect(tokenOf(await sessions.current())).toBe('one');
  });

  it('is asked for once while its ticket lets its holder post, and again before that ends', async () => {
    answers = [admitted('one'), admitted('two')];
    expect(tokenOf(await sessions.current())).toBe('one');
    expect(tokenOf(await sessions.current())).toBe('one');
    clock.advance(575_000);
    expect(tokenOf(await sessions.current())).toBe('two');
    expect(asked.length).toBe(2);
  });

  it('is good for reading when it lets nobody post, and is asked for anew when it is needed', async () => {
    answers = [admitted('one', 0), admitted('two')];
    expect(tokenOf(await sessions.current())).toBe('one');
    expect(tokenOf(await sessions.current())).toBe('two');
  });

  it('is asked for once by those who ask at the same time', async () => {
    answers = [admitted('one')];
    const both = await Promise.all([sessions.renew(), sessions.enter('renew')]);
    expect(both.map(tokenOf)).toEqual(['one', 'one']);
    expect(asked.length).toBe(1);
  });

  it('tells being unknown from not being answered', async () => {
    answers = [problem('unauthorized'), problem('unavailable'), { kind: 'ok', body: 'nonsense' }];
    for (let n = 0; n < 4; n += 1) await sessions.renew();
    expect(heard.map(({ kind }) => kind)).toEqual(['not-joined', 'unavailable', 'unavailable', 'unavailable']);
  });

  it('is not asked for sooner than a service that is away said', async () => {
    answers = [problem('unavailable', 2_000), admitted('one')];
    await sessions.renew();
    clock.advance(1_999);
    expect((await sessions.enter('renew')).kind).toBe('unavailable');
    expect(asked.length).toBe(1);
    clock.advance(1);
    expect(tokenOf(await sessions.enter('renew'))).toBe('one');
  });

  it('is asked for when the clock was set back meanwhile', async () => {
    clock.advance(86_400_000);
    answers = [problem('unavailable', 2_000), admitted('one')];
    await sessions.renew();
    clock.advance(-86_400_000);
    expect(tokenOf(await sessions.renew())).toBe('one');
  });

  it('is not ended while the server cannot be told', async () => {
    expect(await sessions.signOut()).toBe(false);
    answers = [{ kind: 'ok', body: null }];
    expect(await sessions.signOut()).toBe(true);
  });
});

describe('who has to wait', () => {
  it('is in line until it is their turn, and asks when they were told', async () => {
    answers = [waiting(40), waiting(20), admitted('one')];
    let entered: SessionAnswer | null = null;
    void sessions.enter('current').then((answer) => (entered = answer));
    await pass(40);
    expect([asked.length, entered]).toEqual([2, null]);
    await pass(3);
    expect(asked).toEqual([0, 21_000, 42_000]);
    expect(entered).toMatchObject({ kind: 'session', session: { token: 'one' } });
    expect(heard).toMatchObject([{ kind: 'waiting', waiting: { position: 40 } }, { waiting: { position: 20 } }, { kind: 'session' }]);
    await pass(100);
    expect(asked.length).toBe(3);
  });

  it.each([0, 0.999])('never asks sooner than told, nor more than a tenth later: %d', async (random) => {
    sessions = tab(() => {}, () => random);
    answers = Array.from({ length: 4 }, () => waiting(40));
    void sessions.enter('current');
    await pass(70);
    for (const [at, before] of asked.slice(1).map((at, n) => [at, asked[n] ?? 0] as const)) {
      expect(at - before).toBeGreaterThanOrEqual(20_000);
      expect(at - before).toBeLessThanOrEqual(22_000);
    }
    expect(asked.length).toBe(4);
  });

  it('is told so at once when they ask again too soon, and nobody is asked', async () => {
    answers = [waiting(40), waiting(39)];
    expect(await sessions.current()).toMatchObject({ kind: 'waiting', waiting: { position: 40 } });
    for (let n = 0; n < 5; n += 1) expect((await sessions.renew()).kind).toBe('waiting');
    expect(asked.length).toBe(1);
  });

  it('shares the line with whoever else waits in this page', async () => {
    answers = [waiting(40), admitted('one')];
    const all = Promise.all([sessions.enter('current'), sessions.enter('renew'), sessions.enter('renew')]);
    await pass(22);
    expect((await all).map(tokenOf)).toEqual(['one', 'one', 'one']);
    expect(asked.length).toBe(2);
  });

  it('asks at once when the page is looked at again and it was time meanwhile', async () => {
    answers = [waiting(40), waiting(30), admitted('one')];
    void sessions.enter('current');
    await settle();
    clock.sleep(10_000);
    sessions.wake();
    expect(asked.length).toBe(1);
    clock.sleep(200_000);
    sessions.wake();
    sessions.wake();
    expect(asked).toEqual([0, 210_000]);
  });

  it('hears it when the service goes away, or does not know them', async () => {
    answers = [waiting(40), { kind: 'unreachable' }, waiting(40), problem('unauthorized')];
    const first = sessions.enter('current');
    await pass(22);
    expect((await first).kind).toBe('unavailable');
    const second = sessions.enter('renew');
    await pass(22);
    expect((await second).kind).toBe('not-joined');
    expect(asked.length).toBe(4);
  });

  it('is out of the line when they sign out, and asks no more', async () => {
    answers = [waiting(40), { kind: 'ok', body: null }];
    const entered = sessions.enter('current');
    await settle();
    expect(await sessions.signOut()).toBe(true);
    expect((await entered).kind).toBe('not-joined');
    await pass(60);
    expect(asked.length).toBe(2);
  });

  it('is let in by an invite that was used meanwhile', async () => {
    answers = [waiting(40)];
    const entered = sessions.enter('current');
    await settle();
    sessions.adopt({ member: { id: 'm_2', name: null, roles: [] }, token: 'two', postsForMs: 600_000, channels: [] });
    expect(tokenOf(await entered)).toBe('two');
  });
});

describe('several tabs that wait', () => {
  it('are one that asks, and come in together', async () => {
    const tabs: SessionSource[] = [];
    for (let n = 0; n < 4; n += 1) {
      const tell = (word: Word): void => tabs.forEach((other, at) => void (at !== n && other.hear(structuredClone(word))));
      tabs.push(tab(tell, () => n / 4));
    }
    answers = Array.from({ length: 34 }, () => waiting(40));
    const entered = Promise.all(tabs.map((each) => each.enter('current')));
    await pass(601);
    // Each asked when it opened, and after that one every twenty seconds.
    expect(asked.length).toBe(4 + 30);
    answers = Array.from({ length: 4 }, (_, n) => admitted(`${n}`));
    await pass(20);
    expect((await entered).every(({ kind }) => kind === 'session')).toBe(true);
    expect(asked.length).toBe(34 + 4);
  });

  it('believe no nonsense, and nothing that comes while they do not wait', async () => {
    for (const word of [null, 7, {}, { kind: 'waiting' }, { kind: 'waiting', waiting: { position: -1, waitMs: 0 }, askAgainMs: 1 }]) sessions.hear(word);
    sessions.hear({ kind: 'admitted' });
    sessions.hear(waiting(1));
    await settle();
    expect([asked, heard]).toEqual([[], []]);
  });
});
