import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalValues } from '../platform/local_values.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import { Join, type JoinState } from './join.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { PendingInvites } from './pending_invite.ts';
import { Reminder } from './reminder.ts';

const SESSION = { member: { id: 'm_1', name: null, roles: ['activist'] }, access_token: 'x', expires_in_s: 600, channels: [] };
let kept: Map<string, string>;
let asked: HttpRequest[];
let answers: HttpAnswer[];
let states: JoinState['kind'][];
let made: number;
let clock: FakeClock;

beforeEach(() => {
  kept = new Map();
  asked = [];
  answers = [];
  states = [];
  made = 0;
});

const http: Http = async (request) => {
  asked.push(request);
  return answers.shift() ?? { kind: 'unreachable' };
};

function open(token: string): Join {
  const values: LocalValues = {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
  };
  const invites = new PendingInvites(values, () => `attempt ${(made += 1)}`);
  clock = new FakeClock();
  const reminder = new Reminder(clock, () => 0.5);
  return new Join({ http, invites, reminder, changed: ({ kind }) => void states.push(kind) }, token);
}

describe('joining', () => {
  it('asks nothing of the server until the button is pressed', () => {
    expect(open('token').state).toEqual({ kind: 'ready' });
    expect(asked).toEqual([]);
  });

  it('keeps the attempt before it is made, and forgets it when it succeeded', async () => {
    const join = open('token');
    expect(kept.size).toBe(1);
    answers = [{ kind: 'ok', body: SESSION }];
    await join.redeem();
    expect(asked).toEqual([{ method: 'POST', path: '/v1/invites/redeem', body: { token: 'token', attempt: 'attempt 1' } }]);
    expect(states).toEqual(['joining', 'joined']);
    expect(kept.size).toBe(0);
  });

  it('retries as the same attempt, also after a reload without the fragment', async () => {
    const first = open('token');
    await first.redeem();
    expect(first.state).toEqual({ kind: 'interrupted', why: 'offline' });
    await first.redeem();
    await open('').redeem();
    await open('token').redeem();
    expect(asked.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => ({ token: 'token', attempt: 'attempt 1' })));
  });

  it('makes a new attempt for another invite', () => {
    open('token');
    open('other');
    expect(made).toBe(2);
  });

  it.each([
    ['invite_expired', { kind: 'refused', why: 'expired' }],
    ['invite_used_up', { kind: 'refused', why: 'used-up' }],
    ['invite_revoked', { kind: 'refused', why: 'revoked' }],
    ['invite_unknown', { kind: 'refused', why: 'unknown' }],
    ['transfer_unknown', { kind: 'refused', why: 'code-unknown' }],
    ['awaiting_approval', { kind: 'awaiting' }],
    ['foreign_origin', { kind: 'refused', why: 'foreign-origin' }],
    ['unavailable', { kind: 'interrupted', why: 'busy' }],
    ['too_many_requests', { kind: 'interrupted', why: 'busy' }],
  ] as const)('understands %s', async (code, state) => {
    const join = open('token');
    answers = [{ kind: 'problem', code, askAgainMs: 0 }];
    await join.redeem();
    expect(join.state).toEqual(state);
    expect(kept.size).toBe(state.kind === 'refused' ? 0 : 1);
  });

  it('waits for its turn, and tries the same again when it was told', async () => {
    const join = open('token');
    const waiting = (position: number): HttpAnswer => ({ kind: 'waiting', waiting: { position, waitMs: 9_000 }, askAgainMs: 10_000 });
    answers = [waiting(9), waiting(3), { kind: 'ok', body: SESSION }];
    await join.redeem();
    expect(join.state).toEqual({ kind: 'waiting', waiting: { position: 9, waitMs: 9_000 } });
    clock.advance(10_000);
    expect(asked.length).toBe(1);
    for (let n = 0; n < 2; n += 1) {
      clock.advance(10_500);
      await settle();
    }
    expect(states).toEqual(['joining', 'waiting', 'waiting', 'joined']);
    expect(new Set(asked.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('brings a member’s code to where codes are taken, as one attempt however it was typed', async () => {
    answers = [{ kind: 'unreachable' }, { kind: 'unreachable' }];
    const join = open('transfer=ABCD-2345');
    expect(join.isMove).toBe(true);
    await join.redeem();
    await open('').enterCode(' abcd 2345');
    expect(asked.map(({ path, body }) => [path, body])).toEqual([
      ['/v1/transfers/redeem', { code: 'ABCD2345', attempt: 'attempt 1' }],
      ['/v1/transfers/redeem', { code: 'ABCD2345', attempt: 'attempt 1' }],
    ]);
  });

  it('says when an admin has yet to agree, and may look again', async () => {
    const join = open('token');
    answers = [
      { kind: 'ok', body: { standing: 'waiting', member: { id: 'm_1' } } },
      { kind: 'ok', body: SESSION },
    ];
    await join.redeem();
    expect(join.state).toEqual({ kind: 'awaiting' });
    await join.redeem();
    expect(join.state.kind).toBe('joined');
  });

  it('says so when the link has no invite in it', () => {
    expect(open('').state).toEqual({ kind: 'no-invite' });
  });
});
