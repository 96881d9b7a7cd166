import { describe, expect, it } from 'vitest';
import { clockText, countsAsUnread, minuteFromText, NOT_QUIET, tellingOf, type Quiet } from './quiet.ts';

const NIGHT = { from: 22 * 60, until: 7 * 60 };
const quiet = (change: Partial<Quiet>): Quiet => ({ ...NOT_QUIET, isUrgentTold: false, ...change });
const usual = { channel: 'teams:leaflets', isUrgent: false };
const urgent = { channel: 'teams:leaflets', isUrgent: true };

describe('a device', () => {
  it('tells of everything as long as nobody chose otherwise', () => {
    expect(tellingOf(NOT_QUIET, usual, 0)).toBe('tell');
    expect(countsAsUnread(NOT_QUIET, usual)).toBe(true);
  });

  it.each([
    [22 * 60, 'hold'],
    [23 * 60 + 59, 'hold'],
    [0, 'hold'],
    [7 * 60 - 1, 'hold'],
    [7 * 60, 'tell'],
    [21 * 60 + 59, 'tell'],
  ] as const)('keeps quiet over midnight: minute %i', (minute, telling) => {
    expect(tellingOf(quiet({ hours: NIGHT }), usual, minute)).toBe(telling);
  });

  it('keeps quiet within a day, and all day where both ends are the same', () => {
    const noon = quiet({ hours: { from: 12 * 60, until: 13 * 60 } });
    expect([719, 720, 779, 780].map((minute) => tellingOf(noon, usual, minute))).toEqual(['tell', 'hold', 'hold', 'tell']);
    expect(tellingOf(quiet({ hours: { from: 60, until: 60 } }), usual, 59)).toBe('hold');
  });

  it('says nothing of a muted channel, at any time', () => {
    const muted = quiet({ muted: ['teams:leaflets'] });
    expect(tellingOf(muted, usual, 720)).toBe('mute');
    expect(countsAsUnread(muted, usual)).toBe(false);
    expect(tellingOf(muted, { ...usual, channel: 'teams:press' }, 720)).toBe('tell');
  });

  it('lets what is urgent through only if its member allows it', () => {
    const strict = quiet({ muted: ['teams:leaflets'], hours: NIGHT });
    expect(tellingOf(strict, urgent, 0)).toBe('mute');
    expect(tellingOf({ ...strict, isUrgentTold: true }, urgent, 0)).toBe('tell');
    expect(countsAsUnread({ ...strict, isUrgentTold: true }, urgent)).toBe(true);
  });

  it('counts as unread what came in quiet hours', () => {
    expect(countsAsUnread(quiet({ hours: NIGHT }), usual)).toBe(true);
  });
});

describe('times of day', () => {
  it.each(['00:00', '07:05', '23:59'])('%s stays what it is', (text) => {
    expect(clockText(minuteFromText(text) ?? -1)).toBe(text);
  });

  it.each(['', '24:00', '7:00', 'noon'])('%j is none', (text) => {
    expect(minuteFromText(text)).toBeNull();
  });
});
