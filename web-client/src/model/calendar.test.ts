import { describe, expect, it } from 'vitest';
import type { Bulletin } from './bulletin.ts';
import { calendarFile } from './calendar.ts';

const bulletin: Bulletin = {
  id: `b${'0'.repeat(31)}`,
  kind: 'update',
  texts: { en: { title: 'Stall; bring water, shoes', body: 'Meet **early**.\n\n- at 9' }, cy: { title: 'Stondin', body: 'ŵ'.repeat(60) } },
  event: { from: Date.UTC(2027, 4, 6, 17, 0), until: Date.UTC(2027, 4, 6, 19, 30) },
  place: { lat: 53.2, lon: -4.1, label: 'Harbour Hall' },
};

describe('the calendar file', () => {
  it('says when, what and where, escaped as calendars read it', () => {
    expect(calendarFile(bulletin, 'en', Date.UTC(2027, 0, 1)).split('\r\n')).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Holdfast//Bulletins//EN',
      'BEGIN:VEVENT',
      `UID:${bulletin.id}@holdfast`,
      'DTSTAMP:20270101T000000Z',
      'DTSTART:20270506T170000Z',
      'DTEND:20270506T193000Z',
      'SUMMARY:Stall\\; bring water\\, shoes',
      'DESCRIPTION:Meet early.\\n• at 9',
      'LOCATION:Harbour Hall',
      'GEO:53.2;-4.1',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]);
  });

  it('has no line of more than 75 octets, and loses no character to that', () => {
    const file = calendarFile(bulletin, 'cy', 0);
    const lines = file.split('\r\n');
    expect(Math.max(...lines.map((line) => new TextEncoder().encode(line).length))).toBeLessThanOrEqual(75);
    expect(file.replaceAll('\r\n ', '')).toContain(`DESCRIPTION:${'ŵ'.repeat(60)}\r\n`);
  });
});
