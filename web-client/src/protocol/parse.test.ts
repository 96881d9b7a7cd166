import { describe, expect, it } from 'vitest';
import { parseBulletin } from './parse_bulletin.ts';
import { parseCreatedInvite, parseInviteList } from './parse_invite.ts';
import { parsePosture } from './parse_posture.ts';
import { parseProblem } from './parse_problem.ts';
import { parsePublishAnswer } from './parse_publish_answer.ts';
import { parseSession } from './parse_session.ts';
import { parseTop } from './parse_subscribed.ts';

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
    expect(parseSession(body)).toEqual({
      member: { id: 'm_1', name: null, roles: ['admin'] },
      accessToken: 'x',
      expiresInMs: 600_000,
      channels: [
        { name: 'bulletins:all', mayPost: true },
        { name: 'teams:leeds', mayPost: false },
      ],
    });
  });

  it.each([null, {}, { ...body, member: null }, { ...body, access_token: '' }, { ...body, channels: 'all' }, { ...body, expires_in_s: -1 }])(
    'is not made from %j',
    (value) => {
      expect(parseSession(value)).toBeNull();
    },
  );
});

describe('invites', () => {
  it('are read row by row, and a bad row is left out', () => {
    const row = { id: 'i', roles: ['activist'], max_uses: 5, uses: 1, expires_at_ms: 9, revoked: false };
    expect(parseInviteList({ invites: [row, { id: 'broken' }] })).toEqual([
      { id: 'i', roles: ['activist'], maxUses: 5, uses: 1, expiresAt: 9, revoked: false },
    ]);
    expect(parseInviteList({})).toBeNull();
  });

  it('are created with a link', () => {
    expect(parseCreatedInvite({ id: 'i', link: 'http://h/join#t', max_uses: 1, expires_at_ms: 2 })?.link).toBe('http://h/join#t');
    expect(parseCreatedInvite({ id: 'i' })).toBeNull();
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
  });

  it('reads the top and the posture, and nothing from unknown shapes', () => {
    expect(parseTop({ top: 5 })).toBe(5);
    expect(parseTop({ top: -5 })).toBeNull();
    expect(parseTop(undefined)).toBeNull();
    expect(parsePosture({ id: 'x', posture: 'under_attack' })).toBe('under_attack');
    expect(parsePosture({ posture: 'on holiday' })).toBeNull();
  });
});
