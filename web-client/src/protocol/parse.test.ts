import { describe, expect, it } from 'vitest';
import { parseBulletin } from './parse_bulletin.ts';
import { parseFeltAnswer } from './parse_felt_answer.ts';
import { parseServiceStatus } from './parse_service_status.ts';
import { parseProblem } from './parse_problem.ts';
import { LONGEST_WAIT_MS, parsePublishAnswer, parseRetryAfterMs } from './parse_publish_answer.ts';
import { parseAdmitted, parseJoined, parseKeptChannels } from './parse_session.ts';
import { parseTop } from './parse_subscribed.ts';
import { parseRetryAfter, parseWaiting } from './parse_waiting.ts';

const text = { title: 'T', body: 'B' };

describe('a bulletin', () => {
  it('is read with the languages that are known and complete', () => {
    const data = { id: 'a', kind: 'alert', texts: { en: text, cy: { title: 'only' }, fr: text }, later: 1 };
    expect(parseBulletin(data)).toEqual({ id: 'a', kind: 'alert', texts: { en: text } });
  });

  it.each([
    null,
    'text',
    [],
    {},
    { id: '', kind: 'update', texts: { en: text } },
    { id: 7, kind: 'update', texts: { en: text } },
    { id: 'a', kind: 'shout', texts: { en: text } },
    { id: 'a', kind: 'update', texts: [] },
    { id: 'a', kind: 'update', texts: {} },
    { id: 'a', kind: 'update', texts: { en: { title: 1, body: 'B' } } },
    { id: 'x'.repeat(129), kind: 'update', texts: { en: text } },
  ])('is not made from %j', (data) => {
    expect(parseBulletin(data)).toBeNull();
  });
});

describe('a session', () => {
  const body = {
    member: { id: 'm_1', name: null, roles: ['admin', 'wizard'], regions: [], teams: [] },
    access_token: 'x',
    expires_in_s: 600,
    channels: [{ name: 'bulletins:all', may_post: true }, { may_post: true }, { name: 'teams:leeds' }],
  };

  it('is read, leaving out what this version does not know', () => {
    expect(parseJoined(body)).toEqual({
      member: { id: 'm_1', name: null, roles: ['admin'] },
      token: 'x',
      postsForMs: 600_000,
      channels: [
        { name: 'bulletins:all', mayPost: true },
        { name: 'teams:leeds', mayPost: false },
      ],
    });
  });

  it.each([null, {}, { ...body, member: null }, { ...body, access_token: '' }, { ...body, channels: 'all' }, { ...body, expires_in_s: -1 }])(
    'is not made from %j',
    (value) => {
      expect(parseJoined(value)).toBeNull();
    },
  );

  it('says how the passkeys stand, as the service judged it', () => {
    const passkeys = { required: true, count: 2, confirmed_until_ms: 1, stepped_up_until_ms: null, is_bound: true };
    expect(parseJoined({ ...body, passkeys })?.passkeys).toEqual({ isRequired: true, count: 2, isConfirmed: true });
    expect(parseJoined({ ...body, passkeys: { ...passkeys, confirmed_until_ms: null } })?.passkeys?.isConfirmed).toBe(false);
    expect(parseJoined({ ...body, passkeys: 'none' })?.passkeys).toBeUndefined();
  });

  it('is read from a ticket, which may let its holder read only', () => {
    const { access_token: ticket, ...rest } = body;
    expect(parseAdmitted({ ...rest, ticket, renew_in_s: 0, expires_in_s: 86_400 })).toMatchObject({ token: 'x', postsForMs: 0 });
    expect(parseAdmitted(body)).toBeNull();
    expect(parseAdmitted({ ...rest, ticket })).toBeNull();
  });
});

describe('channels that were kept', () => {
  const channels = [{ name: 'bulletins:all', mayPost: true }];

  it('are those of their member', () => {
    const kept = JSON.stringify({ of: 'm_1', channels: [...channels, { name: '' }, { name: 'x' }, null] });
    expect(parseKeptChannels(kept, 'm_1')).toEqual(channels);
    expect(parseKeptChannels(kept, 'm_2')).toEqual([]);
  });

  it.each([null, '', '{', 'null', '[]', '{"of":"m_1"}', '{"of":"m_1","channels":7}'])('are none in %j', (text) => {
    expect(parseKeptChannels(text, 'm_1')).toEqual([]);
  });
});

describe('a place', () => {
  const body = { code: 'waiting', place: 'secret', position: 412, wait_s: 180, retry_after_s: 20 };

  it('is read with how long it takes and when to ask again', () => {
    expect(parseWaiting(503, body)).toEqual({ waiting: { position: 412, waitMs: 180_000 }, askAgainMs: 20_000 });
  });

  it('has no number while the service does not know where we belong', () => {
    const { position: _, ...unknown } = body;
    expect(parseWaiting(503, unknown)?.waiting).toEqual({ position: null, waitMs: 180_000 });
  });

  it('lets nobody ask without a pause, nor wait for ever', () => {
    const pauses = [0, 1, 86_400].map((retry_after_s) => parseWaiting(503, { ...body, retry_after_s })?.askAgainMs);
    expect(pauses).toEqual([1_000, 1_000, 600_000]);
    expect(['2', '0', '99999', null, 'soon', '-1', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT'].map(parseRetryAfter)).toEqual([
      2_000, 1_000, 600_000, 0, 0, 0, 0, 0,
    ]);
  });

  it.each([null, {}, { ...body, code: 'unavailable' }, { ...body, position: 0 }, { ...body, wait_s: 1.5 }, { ...body, retry_after_s: null }])(
    'is not made from %j',
    (value) => {
      expect(parseWaiting(503, value)).toBeNull();
    },
  );

  it('is not believed with another status', () => {
    expect(parseWaiting(200, body)).toBeNull();
  });
});

describe('small answers', () => {
  it('names the problem by its code, else by its status', () => {
    expect(parseProblem(410, { code: 'invite_expired' })).toBe('invite_expired');
    expect(parseProblem(401, null)).toBe('unavailable');
    expect(parseProblem(401, { code: 'unauthorized' })).toBe('unauthorized');
    expect(parseProblem(502, '<html>')).toBe('unavailable');
    expect(parseProblem(429, { code: 'unheard_of' })).toBe('too_many_requests');
    expect(parseProblem(404, {})).toBe('bad_request');
  });

  it('believes that a post is stored only when told so with a position', () => {
    const position = { epoch: 'e', offset: 3 };
    expect(parsePublishAnswer({ status: 'ok', ...position })).toEqual({ position, isDurable: true });
    expect(parsePublishAnswer({ status: 'accepted', ...position })).toEqual({ position, isDurable: false });
    expect(parsePublishAnswer({ status: 'queued', epoch: 'e', offset: 3 })).toBeNull();
    expect(parsePublishAnswer({ status: 'ok', offset: 3 })).toBeNull();
    expect(parsePublishAnswer({ status: 'ok', ...position, lane: 'normal', credit: 64 })).toEqual({ position, isDurable: true });
    expect(parsePublishAnswer({ status: 'later', credit: 64, retry_after_ms: 1_000 })).toBeNull();
  });

  it('waits as long as it is told to, within reason, and never for nonsense', () => {
    const later = (retry_after_ms: unknown): number | null => parseRetryAfterMs({ status: 'later', retry_after_ms });
    expect(later(1_000)).toBe(1_000);
    expect(later(0)).toBe(0);
    expect(later(1e12)).toBe(LONGEST_WAIT_MS);
    for (const nonsense of [-1, 1.5, Number.NaN, '1000', null, undefined, [1_000]]) expect(later(nonsense)).toBeNull();
    expect(parseRetryAfterMs({ status: 'ok', retry_after_ms: 1_000 })).toBeNull();
    expect(parseRetryAfterMs(null)).toBeNull();
  });

  it('reads the top and the posture, and nothing from unknown shapes', () => {
    expect(parseTop({ top: 5 })).toBe(5);
    expect(parseTop({ top: -5 })).toBeNull();
    expect(parseTop(undefined)).toBeNull();
    expect(parseServiceStatus({ id: 'x', posture: 'under_attack' })).toEqual({ posture: 'under_attack', message: null });
    expect(parseServiceStatus({ posture: 'on holiday', message: 'x' })).toBeNull();
    expect(parseServiceStatus({ posture: 'normal', since: 5, message: 'Hello.' })?.message).toBe('Hello.');
    expect(parseServiceStatus({ posture: 'normal', message: 'x'.repeat(9_000) })?.message).toHaveLength(500);
    for (const message of [5, null, '', ' ', {}]) {
      expect(parseServiceStatus({ posture: 'normal', message })).toEqual({ posture: 'normal', message: null });
    }
  });

  it('reads when to report again, within reason', () => {
    expect(parseFeltAnswer({ now_ms: 5, again_in_s: 300 })).toEqual({ serverNow: 5, againInMs: 300_000 });
    expect(parseFeltAnswer({ now_ms: 5, again_in_s: 0 })?.againInMs).toBe(60_000);
    expect(parseFeltAnswer({ now_ms: 5, again_in_s: 1e9 })?.againInMs).toBe(3_600_000);
    for (const body of [null, {}, { now_ms: -1, again_in_s: 5 }, { now_ms: 5, again_in_s: 'soon' }]) {
      expect(parseFeltAnswer(body)).toBeNull();
    }
  });
});
