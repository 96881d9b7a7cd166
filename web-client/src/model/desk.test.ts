import { describe, expect, it } from 'vitest';
import type { Bulletin } from '../protocol/api.gen.ts';
import { newBulletinId } from './bulletin_id.ts';
import { needsOf } from './consequence.ts';
import { deskOf, emptyDesk, finishDesk, isBlank, localOf, type Desk } from './desk.ts';
import { lengthOf } from './hints.ts';
import { blanksIn, correctionTexts, followUpTexts, TEMPLATE_TEXTS, TEMPLATES } from './templates.ts';

const NOW = new Date(2026, 10, 26, 12, 0).getTime();
const written: Desk = { ...emptyDesk('b1', 'Europe/London'), texts: { en: { title: ' T ', body: 'B\n' }, cy: { title: '', body: ' ' } } };
const problem = (change: Partial<Desk>): unknown => finishDesk({ ...written, ...change }, NOW);

describe('the desk', () => {
  it('becomes what may be handed over, in the languages that are written', () => {
    expect(finishDesk(written, NOW)).toEqual({
      finished: {
        content: { kind: 'update', urgency: 'normal', texts: { en: { title: 'T', body: 'B' } }, audience: {} },
        sendAt: null,
      },
    });
  });

  it('says why it cannot be handed over', () => {
    const text = (title: string, body: string): Desk['texts'] => ({ en: { title, body }, cy: { title: '', body: '' } });
    expect(problem({ texts: text('', '') })).toEqual({ problem: { kind: 'empty' } });
    expect(problem({ texts: text('T', '') })).toEqual({ problem: { kind: 'half-written', language: 'en' } });
    expect(problem({ texts: text('x'.repeat(201), 'B') })).toEqual({ problem: { kind: 'too-long', language: 'en' } });
    expect(problem({ texts: text('T', 'Go to [place].') })).toEqual({ problem: { kind: 'blank-left', language: 'en', blank: '[place]' } });
    expect(problem({ audience: { ...written.audience, scope: 'some' } })).toEqual({ problem: { kind: 'nobody' } });
    expect(problem({ links: [{ url: 'javascript:alert(1)', label: { en: '', cy: '' } }] })).toHaveProperty('problem.kind', 'link');
    expect(problem({ place: { label: 'Pier', lat: '91', lon: '0' } })).toEqual({ problem: { kind: 'place' } });
    expect(problem({ event: { from: '2026-11-27T10:00', until: '2026-11-27T10:00' } })).toEqual({ problem: { kind: 'event' } });
    expect(problem({ expires: '2026-11-26T11:59' })).toEqual({ problem: { kind: 'expired' } });
    expect(problem({ sendAt: '2026-11-20T10:00' })).toEqual({ problem: { kind: 'send-in-past' } });
  });

  it('counts characters as the service does', () => {
    const texts = { ...written.texts, en: { title: '\u{1F6A9}'.repeat(200), body: 'B' } };
    expect(problem({ texts })).toHaveProperty('finished');
  });

  it('says what goes with it, and when it goes by whose clock', () => {
    const desk: Desk = {
      ...written,
      audience: { ...written.audience, scope: 'some', regions: ['gwynedd'], notReached: { bulletin: 'b2', stage: 'received' } },
      links: [{ url: ' https://example.org/ ', label: { en: 'Map', cy: '' } }],
      place: { label: 'Pier', lat: '53.23', lon: '-4.12' },
      event: { from: '2026-11-27T10:00', until: '' },
      expires: '2026-11-28T10:00',
      sendAt: '2026-11-27T09:00',
      references: ['b2'],
    };
    expect(finishDesk(desk, NOW)).toEqual({
      finished: {
        sendAt: { local: '2026-11-27T09:00', zone: 'Europe/London' },
        content: {
          kind: 'update',
          urgency: 'normal',
          texts: { en: { title: 'T', body: 'B' } },
          audience: { regions: ['gwynedd'], teams: [], roles: [], not_reached: { bulletin: 'b2', stage: 'received' } },
          links: [{ url: 'https://example.org/', label: { en: 'Map' } }],
          place: { label: 'Pier', lat: 53.23, lon: -4.12 },
          event: { from: new Date(2026, 10, 27, 10, 0).getTime() },
          expires_at: new Date(2026, 10, 28, 10, 0).getTime(),
          references: ['b2'],
        },
      },
    });
  });

  it('lays a bulletin out as it was written', () => {
    const desk: Desk = { ...written, expires: '2026-11-28T10:00', place: { label: 'Pier', lat: '53.23', lon: '-4.12' } };
    const finished = finishDesk(desk, NOW);
    if (!('finished' in finished)) throw new Error('not finished');
    const bulletin: Bulletin = {
      id: 'b9', revision: 3, state: 'draft', authors: [], created_at_ms: 0, needs: 'one_person', content: finished.finished.content,
    };
    const laid = deskOf(bulletin, 'b10', 'Europe/London');
    expect(laid).toMatchObject({ id: 'b10', draft: { id: 'b9', revision: 3, corrects: null }, expires: desk.expires, place: desk.place });
    expect(finishDesk(laid, NOW)).toEqual(finished);
  });

  it('is blank until something would be missed', () => {
    expect(isBlank(emptyDesk('b1', 'UTC'))).toBe(true);
    expect(isBlank(written)).toBe(false);
  });

  it('writes an instant as the browser’s fields do', () => {
    expect(localOf(new Date(2026, 0, 5, 7, 3).getTime())).toBe('2026-01-05T07:03');
    expect(localOf(undefined)).toBe('');
  });
});

describe('how many people it takes', () => {
  const some = { ...written.audience, scope: 'some' as const, regions: ['gwynedd'] };

  it('is two for what is urgent, for everyone, and for half of the members', () => {
    expect(needsOf(written, null)).toBe('two');
    expect(needsOf({ ...written, audience: some, urgency: 'urgent' }, { audience: 1, members: 100 })).toBe('two');
    expect(needsOf({ ...written, audience: some }, { audience: 50, members: 100 })).toBe('two');
    expect(needsOf({ ...written, audience: some }, { audience: 49, members: 100 })).toBe('one');
    expect(needsOf({ ...written, audience: some }, null)).toBe('unknown');
  });

  it('is as many for a correction as for what it corrects', () => {
    const draft = { id: 'b1', revision: 1, corrects: 'b0', needsTwo: true };
    expect(needsOf({ ...written, audience: some, draft }, { audience: 1, members: 100 })).toBe('two');
  });
});

describe('prepared words', () => {
  it('have blanks in both languages, which are to be filled in', () => {
    for (const name of TEMPLATES) {
      for (const { title, body } of Object.values(TEMPLATE_TEXTS[name])) expect(blanksIn(`${title}\n${body}`)).not.toEqual([]);
    }
    expect(blanksIn('See [the map](https://example.org), then [time] and [time].')).toEqual(['[time]']);
  });

  it('of a follow-up can go as they are, and those of a correction not', () => {
    const texts = { en: { title: 'T', body: 'B' } };
    const [follow, correction] = [followUpTexts(texts), correctionTexts(texts)];
    expect(blanksIn(follow.en.body)).toEqual([]);
    expect(blanksIn(correction.en.body)).toEqual(['[What is right now]']);
    expect([follow.cy, correction.cy]).toEqual([{ title: '', body: '' }, { title: '', body: '' }]);
    expect(correctionTexts({ en: { title: 'x'.repeat(200), body: '' } }).en.title.length).toBe(200);
  });
});

describe('the length of a text', () => {
  it('is counted in words, sentences and points', () => {
    expect(lengthOf('Meet at 9:30. Bring water!\n\n- a pen\n- good shoes')).toEqual({ words: 9, sentences: 3, points: 2 });
    expect(lengthOf(' ')).toEqual({ words: 0, sentences: 0, points: 0 });
  });
});

describe('an id of our own', () => {
  it('has the form that the service asks for, and newer ones come first', () => {
    const uuid = '01234567-89ab-4cde-8f01-23456789abcd';
    const [older, newer] = [newBulletinId(NOW, uuid), newBulletinId(NOW + 1, uuid)];
    expect(older).toMatch(/^b[0-9a-f]{31}$/);
    expect(newer < older).toBe(true);
  });
});
