import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalValues } from '../../../platform/local_values.ts';
import type { Posture, Watch, WatchPoint } from '../../../protocol/api.gen.ts';
import { FakeApi } from '../../../testing/fake_api.ts';
import { FakeClock } from '../../../testing/fake_clock.ts';
import { settle } from '../../../testing/settle.ts';
import { language } from '../../../words/translator.ts';
import { minutesOf, seriesOf } from './chart_data.ts';
import { ChecklistModel } from './checklist_model.ts';
import { REASON_MAX_BYTES, PostureModel, problemOf } from './posture_model.ts';
import { situationOf, toneOf } from './situation.ts';
import { situationWords } from './situation_words.ts';
import { STATEMENT_MAX_CHARS, StatementModel, fits, joined } from './statement_model.ts';
import { WATCH_EVERY_MS, WATCH_STALE_MS, WatchModel } from './watch_model.ts';

const NOW = 1_795_687_200_000;
const nobody = { members: 0, strangers: 0 };

function watchOf(change: { level?: Watch['posture']['level']; now?: Partial<Watch['now']>; store?: boolean } = {}): Watch {
  return {
    at_ms: NOW,
    is_complete: true,
    posture: { level: change.level ?? 'normal', since_ms: NOW, why: 'calm' },
    nodes: [{ name: 'a:1', at_ms: NOW, is_answering: true, connections: nobody }],
    store: { kind: 'embedded', is_reachable: change.store ?? true },
    now: {
      admitted: nobody,
      waiting: nobody,
      refused: nobody,
      delayed: 0,
      line: 0,
      queue: { urgent: 0, normal: 0, bulk: 0 },
      behind: 0,
      ...change.now,
    },
    recent: [],
  };
}

function values(): LocalValues {
  const all = new Map<string, string>();
  return { get: (key) => all.get(key) ?? null, set: (key, value) => void all.set(key, value), remove: (key) => void all.delete(key) };
}

afterEach(() => {
  language.value = 'en';
});

describe('watching', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock(NOW);
  });

  it('asks every two seconds while somebody looks, and not at all while nobody does', async () => {
    const api = new FakeApi().answers(watchOf(), watchOf(), watchOf());
    const model = new WatchModel(api, clock);
    model.start();
    await settle();
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(api.paths).toEqual(['GET /v1/watch', 'GET /v1/watch']);
    model.stop();
    clock.advance(60_000);
    expect(api.paths).toHaveLength(2);
    model.start();
    expect(api.paths).toHaveLength(3);
  });

  it('shows the last figures when nothing newer comes, and says how old they are', async () => {
    const api = new FakeApi().answers(watchOf({ level: 'survival' }));
    const model = new WatchModel(api, clock);
    model.start();
    await settle();
    expect(model.staleMs.value).toBeNull();
    for (let passed = 0; passed < WATCH_STALE_MS; passed += WATCH_EVERY_MS) {
      clock.advance(WATCH_EVERY_MS);
      await settle();
    }
    expect(model.watching.value).toMatchObject({ kind: 'shown', heardAt: NOW, trouble: 'unreachable' });
    expect(model.staleMs.value).toBe(WATCH_STALE_MS);
    api.answers(watchOf());
    clock.advance(WATCH_EVERY_MS);
    await settle();
    expect(model.staleMs.value).toBeNull();
  });

  it('grows stale while an answer hangs, and asks no second time meanwhile', async () => {
    const api = new FakeApi().answers(watchOf());
    const model = new WatchModel(api, clock);
    model.start();
    await settle();
    api.answersLater();
    for (let times = 0; times < 5; times += 1) clock.advance(WATCH_EVERY_MS);
    expect(api.paths).toHaveLength(2);
    expect(model.staleMs.value).toBe(5 * WATCH_EVERY_MS);
  });

  it('says why when it never heard anything', async () => {
    const model = new WatchModel(new FakeApi().fails('forbidden'), clock);
    model.start();
    await settle();
    expect(model.watching.value).toEqual({ kind: 'failed', why: 'forbidden' });
  });
});

describe('the sentence on top', () => {
  const says = (watch: Watch): string => situationWords(situationOf(watch));

  it('is calm when all is calm', () => {
    expect(says(watchOf())).toBe('All is calm. Members are not affected.');
    expect(toneOf(situationOf(watchOf()))).toBe('calm');
  });

  it('says that we are flooded, that members are not affected, and how long strangers wait', () => {
    const flooded = watchOf({ level: 'under_attack', now: { line: 1_200, admitted: { members: 9, strangers: 100 } } });
    expect(says(flooded)).toBe('We are being flooded. Members are not affected. Strangers wait about 2 minutes.');
    expect(toneOf(situationOf(flooded))).toBe('bad');
    language.value = 'cy';
    expect(says(flooded)).toContain('Mae dieithriaid yn aros tua 2 funud.');
  });

  it('promises no wait when too few came in lately to say', () => {
    expect(says(watchOf({ level: 'survival', now: { line: 3 } }))).toContain('Strangers wait: 3 people are in');
    const few = { line: 4_000, admitted: { members: 0, strangers: 15 } };
    expect(says(watchOf({ level: 'survival', now: few }))).toContain('Strangers wait: 4,000 people are in');
    expect(says(watchOf({ now: { waiting: { members: 0, strangers: 9 } } }))).toContain('Strangers wait');
  });

  it('says when members are affected, messages are late, or strangers are only sent away', () => {
    const now = { waiting: { members: 2, strangers: 0 }, refused: { members: 1, strangers: 7 }, delay_ms: 2_400 };
    expect(says(watchOf({ level: 'elevated', now }))).toBe(
      'More comes than usual. Members had to wait 3 times in the last ten seconds. ' +
        'Strangers are sent away and come again. Messages take up to 3 seconds to be kept.',
    );
  });

  it('begins with the store when that is away, and ends with nodes that are silent', () => {
    const watch = watchOf({ store: false });
    const silent = { ...watch, nodes: watch.nodes.map((node) => ({ ...node, is_answering: false })) };
    expect(says(silent)).toMatch(/^The store is away.*1 node does not answer\.$/);
    expect(toneOf(situationOf(silent))).toBe('pressed');
  });

  it('does not call an order a flood', () => {
    const watch = watchOf({ level: 'under_attack' });
    const ordered = { ...watch, posture: { ...watch.posture, ordered_until_ms: NOW + 1 } };
    expect(says(ordered)).toBe('An admin ordered the level Under attack. Members are not affected.');
  });
});

describe('the chart', () => {
  const point = (seconds: number, change: Partial<WatchPoint> = {}): WatchPoint => ({
    at_ms: NOW + seconds * 1_000,
    admitted: { members: 5, strangers: 10 },
    waiting: nobody,
    refused: { members: 0, strangers: 5 },
    posture: 'normal',
    ...change,
  });

  it('counts people a second, and leaves out delays that nobody told', () => {
    const { admitted, refused, delayMs } = seriesOf([point(5), point(10, { delay_ms: 40 })]);
    expect([admitted, refused, delayMs]).toEqual([[3, 3], [1, 1], [null, 40]]);
  });

  it('is the same minute by minute, of delays and postures the worst', () => {
    const points = [point(55, { delay_ms: 9, posture: 'survival' }), point(60, { delay_ms: 3 }), point(65)];
    expect(minutesOf(points)).toEqual([
      { at: NOW + 60_000, admitted: 15, waiting: 0, refused: 5, delayMs: null, posture: 'normal' },
      { at: NOW, admitted: 30, waiting: 0, refused: 10, delayMs: 9, posture: 'survival' },
    ]);
  });
});

describe('an order', () => {
  const posture: Posture = {
    hears_the_store: true,
    nodes: 1,
    own: 'normal',
    posture: 'normal',
    signs: { pressure: 0, strangers_offered: 0, strangers_admitted: 0, memory_share: 0, descriptors_share: 0 },
    since: NOW,
    trigger: 'calm',
    value: 0,
  };
  const wish = { posture: 'survival', why: ' announced ', lastsS: 1_800 } as const;

  it('needs a reason that the service takes', () => {
    expect(problemOf(wish)).toBeNull();
    expect(problemOf({ ...wish, why: '  ' })).toBe('no-reason');
    expect(problemOf({ ...wish, why: 'ŵ'.repeat(REASON_MAX_BYTES / 2 + 1) })).toBe('long-reason');
  });

  it('is given once, says how far it reaches, and the level is read again', async () => {
    const api = new FakeApi();
    const later = api.answersLater();
    api.answers({ ...posture, posture: 'survival' });
    const model = new PostureModel(api);
    const first = model.order(wish);
    expect(await model.order(wish)).toBe(false);
    later({ reach: 'here_only' });
    expect(await first).toBe(true);
    expect(api.asked[0]?.body).toEqual({ posture: 'survival', why: 'announced', expires_in_s: 1_800 });
    expect(model.doing.value).toEqual({ kind: 'ordered', reach: 'here_only' });
    expect(model.known.value).toMatchObject({ kind: 'read', posture: { posture: 'survival' } });
  });

  it('is taken back, or it is said why not', async () => {
    const model = new PostureModel(new FakeApi().fails('not_found').answers(posture));
    expect(await model.takeBack()).toBe(false);
    expect(model.doing.value).toMatchObject({ kind: 'failed', why: 'not_found' });
  });
});

describe('a statement', () => {
  const status = { statement: null, all_clear_at: null };

  it('has both languages in one text, and is kept until it is said', async () => {
    const kept = values();
    const api = new FakeApi().fails('unreachable').answers(status, null, { statement: { text: 'A\n\nB', at: NOW }, all_clear_at: null });
    const model = new StatementModel(api, kept);
    model.write({ en: 'A ' });
    model.write({ cy: 'B' });
    expect(await model.say()).toBe(false);
    expect(new StatementModel(api, kept).words.value).toEqual({ en: 'A ', cy: 'B' });
    expect(await model.say()).toBe(true);
    expect(api.asked[2]?.body).toEqual({ text: 'A\n\nB' });
    expect(model.words.value).toEqual({ en: '', cy: '' });
    expect(model.said.value).toEqual({ kind: 'statement', text: 'A\n\nB', at: NOW });
    expect(new StatementModel(api, kept).words.value).toEqual({ en: '', cy: '' });
  });

  it('is no longer than the page takes', async () => {
    expect(fits(joined({ en: 'a'.repeat(STATEMENT_MAX_CHARS), cy: '' }))).toBe(true);
    expect(fits(joined({ en: 'a'.repeat(STATEMENT_MAX_CHARS), cy: 'b' }))).toBe(false);
    const api = new FakeApi();
    expect(await new StatementModel(api, values()).say()).toBe(false);
    expect(api.asked).toEqual([]);
  });
});

describe('the checklist', () => {
  it('is kept on the device until it is begun again', () => {
    const kept = values();
    new ChecklistModel(kept).tick('provider', true);
    const model = new ChecklistModel(kept);
    expect([...model.done.value]).toEqual(['provider']);
    model.startAgain();
    expect(new ChecklistModel(kept).done.value.size).toBe(0);
  });
});
