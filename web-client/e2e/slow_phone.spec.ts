import { availableParallelism, loadavg } from 'node:os';
import { CANVASS_DAY } from './canvass_day.ts';
import { expect, join, joinAsFirstAdmin, makeInvite, test, VIEWPORTS } from './test.ts';

/** A cheap phone on a full mobile cell: a quarter of this machine, 400 kbit/s, 400 ms. */
const CPU_SLOWDOWN = 4;
const BYTES_A_SECOND = 400_000 / 8;
const LATENCY_MS = 400;

/** What a campaign has posted before. */
const BULLETINS = 150;

/** With more than this to do for each of its cores, this machine is slower than the phone that it is to be. */
const MOST_LOAD = 3;

const MOST_MS = 5_000;
const MOST_SHIFT = 0.02;

interface Seen {
  seen?: { at: number | null; shift: number };
}

test('on a slow phone the newest bulletin is there within five seconds of a first visit, and nothing jumps', async ({
  browser,
  campaign,
  holdfast,
  open,
}) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const joined = await open('phone');
  await join(joined, await makeInvite(admin));
  await expect(joined).toHaveURL(`${holdfast.origin}/`);
  const { cookies } = await joined.context().storageState();
  await joined.close();
  for (let at = 0; at < BULLETINS; at += 1) {
    const { en, cy } = CANVASS_DAY[at % CANVASS_DAY.length] ?? { en: { title: '', body: '' } };
    const title = at === BULLETINS - 1 ? 'The newest of all' : `${at}. ${en.title}`;
    await campaign.sends({ kind: 'update', texts: { en: { ...en, title }, ...(cy === undefined ? {} : { cy }) } });
  }

  // Who it is, and nothing else, is known on this device.
  const context = await browser.newContext({ viewport: VIEWPORTS.phone, hasTouch: true, storageState: { cookies, origins: [] } });
  const phone = await context.newPage();
  const client = await context.newCDPSession(phone);
  await client.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  await client.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: BYTES_A_SECOND,
    uploadThroughput: BYTES_A_SECOND,
  });
  await phone.addInitScript(watch, 'The newest of all');
  await phone.goto(holdfast.origin, { waitUntil: 'commit' });
  await expect(phone.getByRole('heading', { name: 'The newest of all' })).toBeInViewport();
  await expect(phone.getByText('Live')).toBeVisible();
  // All that is still to come has come.
  await expect(phone.getByRole('button', { name: 'Show 50 older bulletins' })).toBeVisible();
  await expect(phone.getByRole('log').getByRole('article')).toHaveCount(50);
  const { at, shift } = await phone.evaluate(() => (globalThis as Seen).seen ?? { at: null, shift: 1 });
  const load = (loadavg()[0] ?? 0) / availableParallelism();
  console.log(`newest bulletin on the screen after ${at} ms, layout shift ${shift.toFixed(4)}, load ${load.toFixed(1)} a core`);
  if (load <= MOST_LOAD) expect(at ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(MOST_MS);
  expect(shift).toBeLessThanOrEqual(MOST_SHIFT);
  await context.close();
});

/** Runs in the page, from its first moment. */
function watch(title: string): void {
  const seen = { at: null as number | null, shift: 0 };
  (globalThis as Seen).seen = seen;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) seen.shift += entry.value;
    }
  }).observe({ type: 'layout-shift', buffered: true });
  const look = (): void => {
    const isThere = [...document.querySelectorAll('h2')].some(({ textContent }) => textContent === title);
    if (isThere) seen.at = Math.round(performance.now());
    else requestAnimationFrame(look);
  };
  look();
}
