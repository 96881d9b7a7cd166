import { describe, expect, it } from 'vitest';
import type { Entry } from './entry.ts';
import { NOT_QUIET } from './quiet.ts';
import { isTalk } from './team_talk.ts';
import { furthest, talkOf, unreadTalk } from './team_unread.ts';

const TEAM = 'teams:leaflets';

function said(offset: number, author: string, change: { id?: string; channel?: string; generation?: number } = {}): Entry {
  const { id = `id ${offset}`, channel = TEAM, generation = 0 } = change;
  const bulletin = { id, kind: 'update', texts: { en: { title: '', body: 'Text' } } } as const;
  return { kind: 'bulletin', id, channel, generation, offset, arrivedAt: offset, postedAt: offset, author, bulletin };
}

const BULLETIN = said(4, '', { id: `b${'0'.repeat(31)}` });

describe('the talk of a team', () => {
  it('is told from the bulletins that come in its channel', () => {
    expect(isTalk(said(1, 'm_2'))).toBe(true);
    expect(isTalk(BULLETIN)).toBe(false);
    expect(isTalk(said(1, 'm_2', { channel: 'bulletins:all' }))).toBe(false);
  });

  it('is read from the oldest on, without other channels', () => {
    const all = [said(3, 'm_2'), said(2, 'm_2', { channel: 'teams:press' }), said(1, 'm_2')];
    expect(talkOf(all, TEAM).map(({ offset }) => offset)).toEqual([1, 3]);
  });

  it('counts what others said since it was read', () => {
    const all = [said(1, 'm_2', { generation: 1 }), BULLETIN, said(3, 'm_2'), said(2, 'm_1'), said(1, 'm_2')];
    expect(unreadTalk(all, TEAM, { generation: 0, offset: 1 }, 'm_1', NOT_QUIET)).toBe(2);
    expect(unreadTalk(all, TEAM, furthest(all, TEAM), 'm_1', NOT_QUIET)).toBe(0);
    expect(unreadTalk(all, TEAM, null, 'm_1', NOT_QUIET)).toBe(0);
    expect(unreadTalk(all, TEAM, { generation: 0, offset: 0 }, 'm_1', { ...NOT_QUIET, muted: [TEAM] })).toBe(0);
  });
});
