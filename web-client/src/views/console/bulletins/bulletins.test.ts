import { describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../../../account/api.ts';
import type { BulletinAction } from '../../../account/bulletins.ts';
import type { Member, Role } from '../../../model/session.ts';
import type { Bulletin, BulletinList, BulletinReceipts, BulletinState } from '../../../protocol/api.gen.ts';
import { FakeClock } from '../../../testing/fake_clock.ts';
import { settle } from '../../../testing/settle.ts';
import { BulletinWatch, WATCH_EVERY_MS } from './bulletin_watch.ts';
import { ordered } from './filters.ts';
import { deedsOf } from './may.ts';
import { BulletinModel, LOOK_EVERY_MS, SAMPLES_MAX } from './one/bulletin_model.ts';
import { columnsOf, csvOf, regionsOf, totalOf } from './one/figures.ts';
import { storyOf } from './one/story.ts';

const bulletin = (state: BulletinState, change: Partial<Bulletin> = {}): Bulletin => ({
  id: `b_${state}`,
  state,
  revision: 1,
  authors: ['m_writer'],
  created_at_ms: 1,
  needs: 'two_people',
  content: { kind: 'alert', texts: { en: { title: 'T', body: 'B' } } },
  ...change,
});
const member = (id: string, ...roles: Role[]): Member => ({ id, name: null, roles });
const ok = <T>(value: T): ApiAnswer<T> => ({ kind: 'ok', value, tag: null });
const failed = (why: 'bulletin_state' | 'changed_meanwhile' | 'own_bulletin' | 'unreachable'): ApiAnswer<never> => ({ kind: 'failed', why, askAgainMs: 0 });

describe('what somebody may do', () => {
  it('is never to approve what they wrote', () => {
    const awaiting = bulletin('awaiting_approval');
    expect(deedsOf(awaiting, member('m_writer', 'sender', 'approver'))).not.toContain('approve');
    expect(deedsOf(awaiting, member('m_other', 'approver'))).toContain('approve');
    expect(deedsOf(awaiting, member('m_other', 'sender'))).not.toContain('approve');
  });

  it('goes by the state and the roles', () => {
    const all = member('m_other', 'sender', 'approver', 'admin');
    const deeds = (state: BulletinState): readonly string[] => deedsOf(bulletin(state), all);
    expect(deeds('draft')).toEqual(['submit', 'edit', 'cancel']);
    expect(deeds('scheduled')).toEqual(['edit', 'cancel']);
    expect(deeds('sending')).toEqual(['withdraw']);
    expect(deeds('sent')).toEqual(['correct', 'follow-up', 'withdraw']);
    expect(deeds('withdrawn')).toEqual([]);
    expect(deedsOf(bulletin('sent'), member('m_1', 'observer'))).toEqual([]);
    expect(deedsOf(bulletin('awaiting_approval'), member('m_1', 'admin'))).toEqual(['override']);
  });
});

describe('the list', () => {
  it('has first what waits for people, and can be narrowed down', () => {
    const rows = [bulletin('sent'), bulletin('draft'), bulletin('scheduled'), bulletin('awaiting_approval')];
    expect(ordered(rows, 'all').map(({ state }) => state)).toEqual(['awaiting_approval', 'scheduled', 'sent', 'draft']);
    expect(ordered(rows, 'drafts').map(({ state }) => state)).toEqual(['draft']);
  });

  it('is read less often while another page is open, and at once when one that shows it is', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const watch = new BulletinWatch({ clock, random: () => 1, list: async () => ((asked += 1), ok({ bulletins: [] })) });
    watch.shownChanged(false);
    watch.start();
    await settle();
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(asked).toBe(1);
    watch.shownChanged(true);
    await settle();
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(asked).toBe(3);
    watch.stop();
  });

  it('goes on to older ones when somebody wants them, and loses none that newer ones push off the first page', async () => {
    const clock = new FakeClock();
    const row = (id: string): Bulletin => bulletin('sent', { id });
    let first: BulletinList = { bulletins: [row('d'), row('c')], next: 'c' };
    const pages = new Map<string, ApiAnswer<BulletinList>>([['c', ok({ bulletins: [row('b'), row('a')] })]]);
    const watch = new BulletinWatch({ clock, random: () => 1, list: async (after) => (after === undefined ? ok(first) : (pages.get(after) ?? failed('unreachable'))) });
    const listed = (): unknown => {
      const { value } = watch.listing;
      return value.kind === 'rows' ? [value.rows.map(({ id }) => id).join(''), value.older.kind] : value.kind;
    };
    watch.start();
    await settle();
    expect(listed()).toEqual(['dc', 'some']);
    await watch.readOlder();
    expect(listed()).toEqual(['dcba', 'none']);
    first = { bulletins: [row('e'), row('d')], next: 'd' };
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(listed()).toEqual(['edcba', 'none']);
    watch.stop();
  });

  it('says why older ones did not come, and reads them when asked again', async () => {
    const clock = new FakeClock();
    const answers = [failed('unreachable'), ok({ bulletins: [] })];
    const watch = new BulletinWatch({ clock, random: () => 1, list: async (after) => (after === undefined ? ok({ bulletins: [], next: 'z' }) : (answers.shift() ?? failed('unreachable'))) });
    watch.start();
    await settle();
    await watch.readOlder();
    expect(watch.listing.value).toMatchObject({ older: { kind: 'failed', why: 'unreachable' } });
    await watch.readOlder();
    expect(watch.listing.value).toMatchObject({ older: { kind: 'none' } });
    watch.stop();
  });

  it('is read again every few seconds, and says so where it cannot be', async () => {
    const clock = new FakeClock();
    const answers: ApiAnswer<BulletinList>[] = [ok({ bulletins: [bulletin('awaiting_approval')] }), failed('unreachable')];
    const watch = new BulletinWatch({ clock, random: () => 1, list: async () => answers.shift() ?? failed('unreachable') });
    watch.start();
    await settle();
    expect(watch.toApprove(member('m_other', 'approver'))).toBe(1);
    expect(watch.toApprove(member('m_writer', 'approver'))).toBe(0);
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(watch.listing.value).toMatchObject({ kind: 'rows', failed: 'unreachable' });
    expect(watch.find('b_awaiting_approval')?.revision).toBe(1);
    watch.stop();
    expect(watch.listing.value).toEqual({ kind: 'loading' });
  });
});

const counts = (received: number, regions: Record<string, number> = {}): BulletinReceipts => ({
  accepted: { total: 10, regions: { north: 6, south: 4 } },
  written: { total: received, regions },
  received: { total: received, regions },
  acknowledged: { total: 0, regions: {} },
  as_of_ms: 1_000,
  over: false,
});

function open(start: Bulletin, answers: ApiAnswer<Bulletin>[] = []) {
  const clock = new FakeClock();
  const acted: { revision: number; action: BulletinAction }[] = [];
  let now = start;
  let received = 0;
  const model = new BulletinModel(start.id, {
    clock,
    random: () => 1,
    newId: () => 'b_fresh',
    bulletins: {
      get: async () => ok(now),
      correct: async (_of, id) => answers.shift() ?? ok(bulletin('draft', { id })),
      receipts: async () => ok(counts((received += 1))),
      act: async (_id, revision, action) => {
        acted.push({ revision, action });
        return answers.shift() ?? ok(now);
      },
    },
  });
  return { clock, acted, model, becomes: (next: Bulletin) => (now = next) };
}

describe('one bulletin', () => {
  it('is acted on in the revision that was seen', async () => {
    const { acted, model } = open(bulletin('awaiting_approval', { revision: 4 }), [ok(bulletin('scheduled'))]);
    model.start();
    await settle();
    await model.act({ kind: 'approve' });
    expect(acted).toEqual([{ revision: 4, action: { kind: 'approve' } }]);
    expect(model.reading.value).toMatchObject({ bulletin: { state: 'scheduled' } });
    expect(model.doing.value).toEqual({ kind: 'done', deed: 'approve' });
    model.stop();
  });

  it.each(['changed_meanwhile', 'bulletin_state'] as const)('shows the newest where somebody was faster: %s', async (why) => {
    const { model, becomes } = open(bulletin('awaiting_approval'), [failed(why)]);
    model.start();
    await settle();
    becomes(bulletin('awaiting_approval', { revision: 2 }));
    await model.act({ kind: 'reject', reason: 'The wrong day.' });
    expect(model.doing.value).toEqual({ kind: 'overtaken' });
    expect(model.reading.value).toMatchObject({ bulletin: { revision: 2 } });
    model.stop();
  });

  it('says why something was refused', async () => {
    const { model } = open(bulletin('awaiting_approval'), [failed('own_bulletin')]);
    model.start();
    await settle();
    await model.act({ kind: 'approve' });
    expect(model.doing.value).toEqual({ kind: 'failed', why: 'own_bulletin' });
    model.stop();
  });

  it('is counted while somebody looks on, and not before it has gone', async () => {
    const { clock, model, becomes } = open(bulletin('scheduled'));
    model.start();
    await settle();
    expect(model.receipts.value).toBeNull();
    becomes(bulletin('sent', { sent_at_ms: 5 }));
    for (let times = 0; times < SAMPLES_MAX + 3; times += 1) {
      clock.advance(LOOK_EVERY_MS);
      await settle();
    }
    expect(model.samples.value.length).toBe(SAMPLES_MAX);
    expect(model.samples.value.at(-1)?.received).toBe(SAMPLES_MAX + 3);
    model.stop();
  });

  it('begins a correction under an id of its own', async () => {
    const { model } = open(bulletin('sent'));
    expect(await model.correct()).toBe('b_fresh');
    const refused = open(bulletin('sent'), [failed('bulletin_state')]).model;
    expect(await refused.correct()).toBeNull();
    expect(refused.doing.value).toEqual({ kind: 'overtaken' });
  });
});

describe('what happened', () => {
  it('is told in order, as far as it is kept', () => {
    const told = storyOf(
      bulletin('withdrawn', {
        revision: 3,
        cleared: { how: 'overridden', by: 'm_2', at_ms: 5, reason: 'Fire.' },
        sent_at_ms: 6,
        withdrawn: { by: 'm_2', at_ms: 7 },
      }),
    );
    expect(told.map(({ kind }) => kind)).toEqual(['begun', 'changed', 'overridden', 'sent', 'withdrawn']);
  });
});

describe('the figures', () => {
  it('say by region whom it did not reach, in any order', () => {
    const receipts = counts(5, { north: 5 });
    expect(totalOf(receipts)).toMatchObject({ accepted: 10, received: 5, not_reached: 5 });
    const regions = (by: 'not_reached' | 'region', isDown: boolean): (string | null)[] => regionsOf(receipts, { by, isDown }).map(({ region }) => region);
    expect(regions('not_reached', true)).toEqual(['south', 'north']);
    expect(regions('region', false)).toEqual(['north', 'south']);
  });

  it('say how many were notified, and of how many a phone showed it, once anybody was', () => {
    const notified = { ...counts(5), pushed: { total: 3, regions: { north: 2 } }, shown: { total: 1, regions: {} } };
    expect(columnsOf(counts(5))).not.toContain('pushed');
    expect(columnsOf({ ...notified, pushed: { total: 0, regions: {} } })).not.toContain('pushed');
    expect(columnsOf(notified).slice(-2)).toEqual(['pushed', 'shown']);
    expect(totalOf(notified)).toMatchObject({ pushed: 3, shown: 1 });
    expect(csvOf(notified, ['Region'], 'All')).toContain('All,10,5,5,0,5,3,1');
  });

  it('are a table that no spreadsheet takes for formulas', () => {
    const receipts = { ...counts(1), accepted: { total: 1, regions: { '-1+1': 1 } } };
    const csv = csvOf(receipts, ['Region', 'A, B', 'C', 'D', 'E', 'F'], 'All');
    expect(csv).toBe('Region,"A, B",C,D,E,F\r\nAll,1,1,1,0,0\r\n\'-1+1,1,0,0,0,1\r\n');
  });
});
