import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalValues } from '../../../platform/local_values.ts';
import type { Incident, IncidentLine, IncidentListed } from '../../../protocol/api.gen.ts';
import { FakeApi } from '../../../testing/fake_api.ts';
import { FakeClock } from '../../../testing/fake_clock.ts';
import { settle } from '../../../testing/settle.ts';
import { language } from '../../../words/translator.ts';
import { IncidentModel, RECORD_EVERY_MS } from './incident_model.ts';
import { IncidentsModel, LIST_EVERY_MS } from './incidents_model.ts';
import { NOTE_MAX_BYTES, NoteModel } from './note_model.ts';
import { timelineLine } from './timeline_entry.ts';
import { entryWords } from './timeline_words.ts';

const OPENED = 1_795_687_200_000;
const WORDS = { text: 'called', to: 'the provider' };
const ID = '2026-11-26T10-00-00Z';

function line(seq: number, kind = 'override_ended', data?: Record<string, unknown>): IncidentLine {
  return { seq, at_ms: OPENED + seq, kind, ...(data === undefined ? {} : { data }) };
}

function incident(lines: readonly IncidentLine[], next?: number): Incident {
  const summary = {
    opened_ms: OPENED,
    last_ms: OPENED,
    pressed_since_ms: OPENED,
    worst: 'survival' as const,
    totals: [],
    accepted: 0,
    delivered: 0,
    pending: 0,
    members_affected_min: 0,
    members_affected_max: 0,
    affected_seconds: 0,
    lines: lines.length,
    head: '0'.repeat(64),
    is_intact: true,
  };
  return { id: ID, node: 'a:1', summary, lines: [...lines], next };
}

function values(): LocalValues {
  const all = new Map<string, string>();
  return { get: (key) => all.get(key) ?? null, set: (key, value) => void all.set(key, value), remove: (key) => void all.delete(key) };
}

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock(OPENED);
});
afterEach(() => {
  language.value = 'en';
});

describe('the list of incidents', () => {
  const row = (opened: number, change: Partial<IncidentListed> = {}): IncidentListed => ({
    id: ID,
    node: 'a:1',
    is_here: true,
    is_intact: true,
    lines: 1,
    opened_ms: opened,
    why: 'strangers',
    worst: 'survival',
    ...change,
  });

  it('has those that are open first, and is read on while somebody looks', async () => {
    const closed = row(9, { closed_ms: 10 });
    const api = new FakeApi().answers({ incidents: [closed, row(5), row(3)], is_complete: true });
    const model = new IncidentsModel(api, clock);
    model.start();
    await settle();
    const listing = model.listing.value;
    expect(listing.kind === 'rows' && listing.rows.map(({ opened_ms }) => opened_ms)).toEqual([5, 3, 9]);
    clock.advance(LIST_EVERY_MS);
    await settle();
    expect(model.listing.value).toMatchObject({ kind: 'rows', trouble: 'unreachable', asOf: OPENED });
    model.stop();
    clock.advance(LIST_EVERY_MS);
    expect(api.paths).toHaveLength(2);
  });
});

describe('the record of an attack', () => {
  it('is read on from its last line, so that what happens appears by itself', async () => {
    const api = new FakeApi().answers(incident([line(1), line(2)]), incident([line(3)]));
    const model = new IncidentModel(ID, api, clock);
    model.start();
    await settle();
    clock.advance(RECORD_EVERY_MS);
    await settle();
    const record = model.record.value;
    expect(record.kind === 'shown' && record.lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(api.paths).toEqual([`GET /v1/incidents/${ID}?limit=200&after=0`, `GET /v1/incidents/${ID}?limit=200&after=2`]);
  });

  it('waits to be asked for what is further on, and keeps what it has when nothing comes', async () => {
    const api = new FakeApi().answers(incident([line(1)], 1)).fails('unreachable');
    const model = new IncidentModel(ID, api, clock);
    model.start();
    await settle();
    clock.advance(RECORD_EVERY_MS);
    expect(api.paths).toHaveLength(1);
    await model.read();
    expect(model.record.value).toMatchObject({ kind: 'shown', more: 'some', trouble: 'unreachable', lines: [{ seq: 1 }] });
  });

  it('knows who was told', async () => {
    const told = line(2, 'notice_sent', { who: { member: 'ada' }, to: 'the provider', text: 'called' });
    const model = new IncidentModel(ID, new FakeApi().answers(incident([line(1), told, line(3)])), clock);
    await model.read();
    expect(model.told.value.map(({ seq }) => seq)).toEqual([2]);
  });

  it('gives files, or says why not', async () => {
    const model = new IncidentModel(ID, new FakeApi().answers('# report').fails('unavailable'), clock);
    expect(await (await model.make('report.md'))?.text()).toBe('# report');
    expect(await model.make('report.html')).toBeNull();
    expect(model.making.value).toEqual({ kind: 'failed', file: 'report.html', why: 'unavailable' });
  });
});

describe('a line in words', () => {
  const says = (kind: string, data?: Record<string, unknown>): string =>
    entryWords(timelineLine(line(1, kind, data)).entry, OPENED);

  it('says what happened, to whom, and why', () => {
    const change = { from: 'elevated', to: 'under_attack', trigger: 'strangers' };
    expect(says('opened', { version: 1, node: 'a:1', by: change })).toBe(
      'Node a:1 opened the record: from Elevated to Under attack, because more strangers come than can be taken.',
    );
    expect(says('posture', change)).toMatch(/^From Elevated to Under attack/);
    const classes = [
      { class: 'stranger', offered: 9, admitted: 1, delayed: 5, refused: 3 },
      { class: 'member', offered: 1, admitted: 1, delayed: 0, refused: 0 },
    ];
    expect(says('counts', { seconds: 60, classes, acked: 4, delivered: 0, pending: 0, members_affected: 0 })).toBe(
      'In 60 seconds: 2 served, 5 had to wait, 3 were sent away; 4 messages accepted. No member was affected.',
    );
    expect(says('notice_sent', { who: { name: 'Ada' }, to: 'the police', text: 'called' })).toBe('Ada told the police: called');
    expect(says('note', { who: { member: 'm1' }, text: '<b>' })).toBe('Member m1 noted: <b>');
    expect(says('closed', { quiet_seconds: 600 })).toBe('The record was closed after 10 minutes of quiet.');
    language.value = 'cy';
    expect(says('closed', { quiet_seconds: 600 })).toBe('Caewyd y cofnod ar ôl 10 munud o dawelwch.');
  });

  it.each([['later', { any: 1 }], ['note', { who: {}, text: 7 }], ['counts', undefined]])(
    'is of an unknown kind where it says something else: %s',
    (kind, data) => expect(says(kind, data)).toBe('Something that this page does not know.'),
  );
});

describe('a note', () => {
  let ids = 0;
  const randomId = (): string => `id-${(ids += 1)}`;

  it('is kept while it is written, and is the same note however often it is tried', async () => {
    const kept = values();
    const api = new FakeApi().fails('unreachable').answers({ at_ms: OPENED });
    const first = new NoteModel(ID, api, kept, randomId);
    first.write({ text: ' called ' });
    first.write({ to: 'the provider' });
    expect(await first.add()).toBe(false);
    const again = new NoteModel(ID, api, kept, randomId);
    expect(again.draft.value).toEqual({ text: ' called ', to: 'the provider' });
    expect(await again.add()).toBe(true);
    expect(api.asked.map(({ body }) => body)).toEqual([WORDS, WORDS]);
    expect(api.asked[0]?.idempotencyKey).toBe(api.asked[1]?.idempotencyKey);
    expect(new NoteModel(ID, api, kept, randomId).draft.value.text).toBe('');
  });

  it('with other words is another note', async () => {
    const api = new FakeApi().fails('unreachable').answers({ at_ms: OPENED });
    const model = new NoteModel(ID, api, values(), randomId);
    model.write({ text: 'one' });
    await model.add();
    model.write({ text: 'two' });
    await model.add();
    expect(api.asked[0]?.idempotencyKey).not.toBe(api.asked[1]?.idempotencyKey);
  });

  it('of another incident is not shown here', () => {
    const kept = values();
    new NoteModel('2026-11-25T10-00-00Z', new FakeApi(), kept, randomId).write({ text: 'there' });
    expect(new NoteModel(ID, new FakeApi(), kept, randomId).draft.value.text).toBe('');
  });

  it('is not sent when the record would not take it', async () => {
    const api = new FakeApi();
    const model = new NoteModel(ID, api, values(), randomId);
    await model.add();
    expect(model.noting.value).toEqual({ kind: 'unfit', why: 'empty' });
    model.write({ text: 'ŵ'.repeat(NOTE_MAX_BYTES / 2 + 1) });
    await model.add();
    expect(model.noting.value).toEqual({ kind: 'unfit', why: 'long' });
    expect(api.asked).toEqual([]);
  });
});
