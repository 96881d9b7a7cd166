import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../../account/api.ts';
import { FakeClock } from '../../../../testing/fake_clock.ts';
import { settle } from '../../../../testing/settle.ts';
import { ImportModel, REPEATED, ROWS_PER_PART } from './import_model.ts';

let clock: FakeClock;
let values: Map<string, string>;
let sent: { rows: string[]; isTrial: boolean }[];
let lost: number;
let people: Set<string>;

beforeEach(() => {
  clock = new FakeClock();
  values = new Map();
  sent = [];
  lost = 0;
  people = new Set();
});

/** A service that knows references, and refuses rows without one. */
async function send(csv: string, _expiresInS: number, isTrial: boolean): Promise<ApiAnswer<string>> {
  const rows = csv.split('\r\n').slice(1);
  sent.push({ rows, isTrial });
  if (lost > 0) {
    lost -= 1;
    return { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
  }
  const answered = rows.map((row, at) => {
    const reference = row.split(',')[0] ?? '';
    if (reference === '') return `${at + 2},,refused,,the row has no reference`;
    if (people.has(reference)) return `${at + 2},${reference},present,http://h/join#${reference},`;
    if (isTrial) return `${at + 2},${reference},would_add,,`;
    people.add(reference);
    return `${at + 2},${reference},added,http://h/join#${reference},`;
  });
  return { kind: 'ok', value: ['line,reference,outcome,link,reason', ...answered].join('\n'), tag: null };
}

function open(): ImportModel {
  return new ImportModel({
    imports: { send },
    clock,
    random: () => 0,
    values: { get: (key) => values.get(key) ?? null, set: (key, value) => void values.set(key, value), remove: (key) => void values.delete(key) },
  });
}

function bytes(lines: readonly string[]): ArrayBuffer {
  return new TextEncoder().encode(lines.join('\n')).buffer as ArrayBuffer;
}

const many = (count: number): string[] => ['reference,name', ...Array.from({ length: count }, (_, at) => `r${at},Name ${at}`)];

describe('an import', () => {
  it('is tried first, and changes nobody then', async () => {
    const model = open();
    await model.check(bytes(['reference,name', 'a,A', ',Nobody', 'b,B']));
    expect(model.state.value).toMatchObject({ kind: 'checked', counts: { would_add: 2, refused: 1 } });
    expect(people.size).toBe(0);
    expect(model.errorsFile((reason) => reason)).toBe('line,why,reference,name\r\n3,the row has no reference,,Nobody\r\n');
  });

  it('goes in parts, without the rows that cannot be taken, and has a link for each person', async () => {
    const model = open();
    await model.check(bytes([...many(ROWS_PER_PART + 1), ',Nobody']));
    await model.start(60);
    expect(sent.filter(({ isTrial }) => !isTrial).map(({ rows }) => rows.length)).toEqual([ROWS_PER_PART, 1]);
    expect(model.state.value).toMatchObject({ kind: 'finished', links: ROWS_PER_PART + 1, counts: { added: ROWS_PER_PART + 1, refused: 1 } });
    expect(model.linksFile().split('\r\n')[1]).toBe('r0,Name 0,http://h/join#r0');
    expect(values.size).toBe(0);
  });

  it('finds a reference again over parts', async () => {
    const model = open();
    await model.check(bytes([...many(ROWS_PER_PART), 'r3,Again']));
    expect(model.state.value).toMatchObject({ kind: 'checked', refused: [{ row: { line: ROWS_PER_PART + 2 }, reason: REPEATED }] });
  });

  it('says why nothing goes on, and goes on by itself', async () => {
    const model = open();
    await model.check(bytes(many(2)));
    lost = 2;
    const done = model.start(60);
    await settle();
    expect(model.state.value).toEqual({ kind: 'importing', done: 0, of: 2, held: 'unreachable' });
    for (let tries = 0; tries < 2; tries += 1) {
      clock.advance(60_000);
      await settle();
    }
    await done;
    expect(model.state.value).toMatchObject({ kind: 'finished', counts: { added: 2 } });
  });

  it('is stopped, says after a reload how far it was, and the same list again goes on', async () => {
    const model = open();
    await model.check(bytes(many(ROWS_PER_PART + 5)));
    const done = model.start(60);
    await settle();
    await done;
    // As if the page had been closed before the second part.
    values.set('holdfast.import', JSON.stringify({ at: 1, done: ROWS_PER_PART, of: ROWS_PER_PART + 5 }));
    const reopened = open();
    expect(reopened.unfinished.value).toEqual({ at: 1, done: ROWS_PER_PART, of: ROWS_PER_PART + 5 });
    await reopened.check(bytes(many(ROWS_PER_PART + 5)));
    await reopened.start(60);
    expect(reopened.state.value).toMatchObject({ kind: 'finished', counts: { present: ROWS_PER_PART + 5, added: 0 } });
    expect(reopened.linksFile()).toBe(model.linksFile());
    expect(reopened.unfinished.value).toBeNull();
  });

  it('goes on behind what is done after it was stopped', async () => {
    const model = open();
    await model.check(bytes(many(ROWS_PER_PART + 5)));
    lost = 1;
    const stopped = model.start(60);
    await settle();
    model.stop();
    await stopped;
    expect(model.state.value).toEqual({ kind: 'stopped', done: 0, of: ROWS_PER_PART + 5 });
    await model.resume();
    expect(model.state.value).toMatchObject({ kind: 'finished', links: ROWS_PER_PART + 5 });
  });

  it('asks no more when its page is left', async () => {
    const model = open();
    lost = 1;
    const checking = model.check(bytes(many(1)));
    await settle();
    model.close();
    await checking;
    clock.advance(60_000);
    await settle();
    expect(sent).toHaveLength(1);
  });
});
