import { describe, expect, it } from 'vitest';
import { badgeCount } from './badge.ts';
import type { BulletinEntry } from './entry.ts';
import { NOT_QUIET } from './quiet.ts';

const entry = (id: string, arrivedAt: number, channel: string, change: Partial<BulletinEntry['bulletin']> = {}): BulletinEntry => {
  const bulletin = { id, kind: 'update', texts: { en: { title: id, body: '' } }, ...change } as const;
  return { kind: 'bulletin', id, channel, generation: 0, offset: arrivedAt, arrivedAt, postedAt: arrivedAt, bulletin };
};

const ENTRIES = [
  entry('seen', 10, 'bulletins:all'),
  entry('new', 20, 'bulletins:all'),
  entry('urgent', 21, 'bulletins:all', { kind: 'alert', urgency: 'urgent' }),
  entry('team', 22, 'teams:leaflets'),
  { ...entry('own', 23, 'teams:leaflets'), author: 'm_1' },
];
const away = { since: 15, own: 'm_1', quiet: NOT_QUIET, minute: 12 * 60 };

describe('the number on the icon', () => {
  it('is of what others said since the reader looked away', () => {
    expect(badgeCount(ENTRIES, away)).toBe(3);
  });

  it('leaves out what is muted, and in quiet hours all but what is urgent', () => {
    expect(badgeCount(ENTRIES, { ...away, quiet: { ...NOT_QUIET, muted: ['teams:leaflets'] } })).toBe(2);
    const night = { ...NOT_QUIET, hours: { from: 11 * 60, until: 13 * 60 } };
    expect(badgeCount(ENTRIES, { ...away, quiet: night })).toBe(1);
    expect(badgeCount(ENTRIES, { ...away, quiet: { ...night, isUrgentTold: false } })).toBe(0);
    expect(badgeCount(ENTRIES, { ...away, quiet: night, minute: 13 * 60 })).toBe(3);
  });
});
