import { beforeEach, describe, expect, it } from 'vitest';
import { PushAccount } from '../account/push.ts';
import { keepWish, readWish } from '../account/push_wish.ts';
import type { Reader } from '../model/push.ts';
import { NOT_QUIET } from '../model/quiet.ts';
import { FakeApi } from '../testing/fake_api.ts';
import { FakeBrowserPush } from '../testing/fake_browser_push.ts';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { PushSync, type PushSnapshot } from './push.ts';

const KEY = 'B'.repeat(87);
const knows = (isKnown: boolean, key: string | null = KEY) => ({ public_key: key, subscribed: isKnown, choice: null });
const CHOICE = { language: 'en', shows: 'nothing', quiet: null, urgent_breaks_quiet: false, muted: [] };

let api: FakeApi;
let browser: FakeBrowserPush;
let clock: FakeClock;
let kept: Map<string, string>;
let reader: Reader;
let isOffering: boolean;
let shown: PushSnapshot;
let sync: PushSync;

/** As after a load of the app: what is kept stays. */
function load(member: string | null = 'm_1'): PushSync {
  const values = { get: (key: string) => kept.get(key) ?? null, set: (key: string, value: string) => void kept.set(key, value), remove: (key: string) => void kept.delete(key) };
  sync = new PushSync({
    account: new PushAccount(api),
    browser,
    clock,
    random: () => 0,
    kept: () => readWish(values),
    keep: (wish) => keepWish(values, wish),
    reader: () => reader,
    isOffering: () => isOffering,
    changed: (snapshot) => (shown = snapshot),
  });
  sync.connectionChanged(true);
  sync.memberChanged(member);
  return sync;
}

async function loaded(member: string | null = 'm_1'): Promise<void> {
  load(member);
  clock.advance(0);
  await settle();
}

/** Turned on, and told. */
async function turnedOn(): Promise<void> {
  api.answers(knows(false), null);
  await load().turnOn();
  api.asked.length = 0;
}

beforeEach(() => {
  api = new FakeApi();
  browser = new FakeBrowserPush();
  clock = new FakeClock();
  kept = new Map();
  reader = { language: 'en', quiet: NOT_QUIET, zone: 'Europe/London' };
  isOffering = false;
});

describe('notifications that nobody asked for', () => {
  it('are not asked about', async () => {
    await loaded();
    expect([api.paths, shown.state.kind]).toEqual([[], 'none']);
  });

  it('are not offered where the browser has none, was told not to, or wants the app on the home screen first', async () => {
    isOffering = true;
    for (const stands of ['none', 'denied', 'install'] as const) {
      browser.stands = stands;
      await loaded();
    }
    expect([api.paths, shown.state.kind]).toEqual([[], 'none']);
  });

  it('can be offered where the service has them, and nothing is said where it has none', async () => {
    isOffering = true;
    browser.stands = 'default';
    api.answers(knows(false));
    await loaded();
    expect(shown.state.kind).toBe('off');
    api.answers(knows(false, null));
    await loaded();
    expect(shown.state.kind).toBe('none');
    expect(browser.has).toBeNull();
  });

  it.each([
    ['default', 'off'],
    ['denied', 'blocked'],
    ['install', 'install'],
  ] as const)('stand as they do for who looks: %s is %s', async (stands, kind) => {
    browser.stands = stands;
    api.answers(knows(false));
    await load().look();
    expect(shown.state.kind).toBe(kind);
  });
});

describe('turning them on', () => {
  it('asks the browser, takes an address for the service’s key, and tells it with what the member chose', async () => {
    browser.stands = 'default';
    api.answers(knows(false), null);
    await load().turnOn();
    expect(api.asked[1]).toEqual({
      method: 'PUT',
      path: '/v1/push',
      body: { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' }, choice: CHOICE },
    });
    expect([shown.state.kind, shown.wish.shows, browser.spoken]).toEqual(['on', 'nothing', 'en']);
  });

  it('is off as before when the answer to the browser is no', async () => {
    browser.stands = 'default';
    browser.answer = 'denied';
    api.answers(knows(false));
    await load().turnOn();
    expect([shown.state.kind, shown.wish.isOn, browser.has]).toEqual(['blocked', false, null]);
  });

  it('says so when the browser gives no address, and tries again at the next load', async () => {
    browser.givesAddresses = false;
    api.answers(knows(false));
    await load().turnOn();
    expect(shown.state).toEqual({ kind: 'failed', why: 'browser' });
    browser.givesAddresses = true;
    api.answers(knows(false), null);
    await loaded();
    expect(shown.state.kind).toBe('on');
  });

  it('says so when the service does not take the address', async () => {
    api.answers(knows(false)).fails('push_endpoint_refused');
    await load().turnOn();
    expect(shown.state).toEqual({ kind: 'failed', why: 'refused' });
  });

  it('tells the service no sooner than it said, also when the connection comes and goes meanwhile', async () => {
    api.answers(knows(false)).fails('unreachable');
    await load().turnOn();
    sync.connectionChanged(false);
    sync.connectionChanged(true);
    clock.advance(29_999);
    await settle();
    expect(api.paths).toHaveLength(2);
    sync.connectionChanged(false);
    clock.advance(1);
    await settle();
    expect(api.paths).toHaveLength(2);
    sync.connectionChanged(true);
    api.answers(knows(false), null);
    clock.advance(0);
    await settle();
    expect(shown.state.kind).toBe('on');
  });

  it('tells the service again by itself when it could not be told', async () => {
    api.answers(knows(false)).fails('unreachable');
    await load().turnOn();
    expect(shown.state).toEqual({ kind: 'failed', why: 'unreachable' });
    api.answers(knows(false), null);
    clock.advance(30_000);
    await settle();
    expect(shown.state.kind).toBe('on');
  });
});

describe('at each load', () => {
  beforeEach(turnedOn);

  it('what agrees is left alone', async () => {
    api.answers(knows(true));
    await loaded();
    expect([api.paths, shown.state.kind]).toEqual([['GET /v1/push'], 'on']);
  });

  it('the service is told the address that the browser gave meanwhile', async () => {
    await browser.take(KEY);
    api.answers(knows(true), null);
    await loaded();
    expect(api.asked[1]).toMatchObject({ method: 'PUT', body: { endpoint: 'https://push.example/2' } });
  });

  it('a new address is taken when the browser lost its own', async () => {
    await browser.giveBack();
    api.answers(knows(true), null);
    await loaded();
    expect(api.asked[1]).toMatchObject({ method: 'PUT', body: { endpoint: 'https://push.example/2' } });
  });

  it('a new address is taken when the service forgot this one: its push service said that it is gone', async () => {
    api.answers(knows(false), null);
    await loaded();
    expect(api.asked[1]).toMatchObject({ method: 'PUT', body: { endpoint: 'https://push.example/2' } });
  });

  it('a new address is taken for a new key', async () => {
    api.answers(knows(true, 'C'.repeat(87)), null);
    await loaded();
    expect([api.asked[1]?.method, browser.has?.madeFor]).toEqual(['PUT', 'C'.repeat(87)]);
  });

  it('the service forgets this device when the browser blocks notifications now', async () => {
    browser.stands = 'denied';
    api.answers(knows(true), null);
    await loaded();
    expect([api.paths[1], shown.state.kind, browser.has]).toEqual(['DELETE /v1/push', 'blocked', null]);
  });

  it('nothing is lost when the service cannot be asked', async () => {
    await loaded();
    expect([shown.wish.isOn, browser.has?.endpoint]).toEqual([true, 'https://push.example/1']);
  });
});

describe('what the member chooses', () => {
  beforeEach(turnedOn);

  it('is told at once: what is shown, the language, the quiet hours by this device’s clock, and what is muted', async () => {
    api.answers(knows(true), null, knows(true), null);
    await sync.choose({ shows: 'title' });
    reader = { language: 'cy', zone: 'Europe/London', quiet: { muted: ['teams:b', 'teams:a'], hours: { from: 1_320, until: 420 }, isUrgentTold: true } };
    sync.readerChanged();
    await settle();
    const quiet = { from: '22:00', until: '07:00', zone: 'Europe/London' };
    expect(api.asked[1]?.body).toMatchObject({ choice: { ...CHOICE, shows: 'title' } });
    expect(api.asked[3]?.body).toMatchObject({ choice: { language: 'cy', shows: 'title', quiet, urgent_breaks_quiet: false, muted: ['teams:a', 'teams:b'] } });
    expect(browser.spoken).toBe('cy');
  });

  it('is told with what comes shortly after a load, not besides', async () => {
    load();
    sync.readerChanged();
    await settle();
    expect(api.paths).toEqual([]);
    api.answers(knows(true));
    clock.advance(0);
    await settle();
    expect(api.paths).toEqual(['GET /v1/push']);
  });

  it('ends once a day also for who is quiet the whole day, as the service wants it', async () => {
    api.answers(knows(true), null);
    reader = { ...reader, quiet: { ...NOT_QUIET, hours: { from: 0, until: 0 } } };
    await sync.look();
    expect(api.asked[1]?.body).toMatchObject({ choice: { quiet: { from: '00:00', until: '23:59' } } });
  });

  it('is that urgent ones break the quiet only when they said so', async () => {
    api.answers(knows(true), null);
    await sync.choose({ urgentBreaksQuiet: true });
    expect(api.asked[1]?.body).toMatchObject({ choice: { urgent_breaks_quiet: true } });
  });

  it('is none any more: the address goes back first, then the service forgets it', async () => {
    api.fails('unreachable');
    await sync.turnOff();
    api.answers(knows(true)).fails('unreachable');
    await loaded();
    expect(browser.has).toBeNull();
    api.answers(knows(true), null);
    await loaded();
    expect([api.paths.at(-1), shown.wish.isOn, browser.spoken]).toEqual(['DELETE /v1/push', false, null]);
  });
});

describe('whoever goes', () => {
  beforeEach(turnedOn);

  it('leaves no address in the browser when they signed out, left or were erased', async () => {
    sync.memberChanged(null);
    await settle();
    expect([browser.has, browser.spoken, kept.size, shown.state.kind]).toEqual([null, null, 0, 'none']);
  });

  it('leaves none to the next one on this device', async () => {
    isOffering = true;
    api.answers(knows(false));
    await loaded('m_2');
    expect([browser.has, shown.wish.isOn, shown.state.kind]).toEqual([null, false, 'off']);
  });

  it('is told nothing more by an answer that was late', async () => {
    const answer = api.answersLater();
    void sync.look();
    await settle();
    sync.memberChanged(null);
    answer(knows(false));
    await settle();
    expect([browser.has, kept.size, shown.state.kind]).toEqual([null, 0, 'none']);
  });
});
