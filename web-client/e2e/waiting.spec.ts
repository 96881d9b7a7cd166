import type { BrowserContext, Page, Route } from '@playwright/test';
import type { CampaignApi } from './campaign_api.ts';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, outboxItem, say, send, test, titles, write } from './test.ts';

const TITLE = 'Many people are coming in. You have a place.';

test('an invite that is opened in a flood waits for its turn, and is used once', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin, { uses: 1 });
  await say(campaign, { title: 'Seen', body: 'Read by who came in.' });
  await order(campaign, 'survival');

  const phone = await open('phone');
  await phone.goto(invite);
  await expect(phone.getByRole('heading', { name: TITLE })).toBeVisible();
  await expect(phone.getByText('You are number 1. Less than a minute.')).toBeVisible();
  // No other way would pass the refresh, which is how the page asks again.
  await check(phone, 'waiting without script', ['meta-refresh']);
  // Chromium does not refresh an address with a #; the invite is behind it.
  await phone.getByRole('button', { name: 'Ask again' }).click();
  await phone.getByRole('button', { name: 'Join' }).click();
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(['Seen']);
});

test('a member without a ticket comes in by a place, and one with a ticket needs none', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await order(campaign, 'survival');

  const answered = waitingAnswers(phone);
  await phone.reload();
  await expectState(phone, 'Live');
  expect(answered()).toBe(0);
  await phone.context().clearCookies({ name: 'holdfast_ticket' });
  await phone.reload();
  await expectState(phone, 'Live');
  expect(answered()).toBeGreaterThan(0);
});

test('who waits sees their place, reads what is saved, and is live when it is their turn', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await say(campaign, { title: 'Saved', body: 'On the device.' });
  await expect(titles(phone)).toHaveText(['Saved']);

  const room = await WaitingRoom.before(phone.context(), { position: 412, wait_s: 170, retry_after_s: 2 });
  await phone.reload();
  await expectState(phone, 'Waiting to come in');
  const notice = phone.getByRole('region', { name: TITLE });
  await expect(notice.locator('.waiting-place')).toHaveText('You are number 412. About 3 minutes.');
  await expect(titles(phone)).toHaveText(['Saved']);
  await check(phone, 'waiting with bulletins');
  await say(campaign, { title: 'Missed', body: 'While somebody waited.' });

  const readOut = await notice.getByRole('status').textContent();
  room.says = { position: 390, wait_s: 160, retry_after_s: 2 };
  await expect(notice.locator('.waiting-place')).toHaveText('You are number 390. About 3 minutes.');
  expect(await notice.getByRole('status').textContent()).toBe(readOut);
  room.says = { position: 9, wait_s: 5, retry_after_s: 2 };
  await expect(notice.getByRole('status')).toHaveText('You are number 9. Less than a minute.');

  room.says = null;
  await expectState(phone, 'Live');
  await expect(notice).toHaveCount(0);
  await expect(titles(phone)).toHaveText(['Missed', 'Saved']);
  for (const pause of room.pauses()) expect(pause).toBeGreaterThanOrEqual(2_000);
});

test('who has nothing yet waits in front of a page that says so, in both languages', async ({ holdfast, open }) => {
  const phone = await open('phone');
  const room = await WaitingRoom.before(phone.context(), { position: 12_345, wait_s: 3_600, retry_after_s: 2 });
  await phone.goto(holdfast.origin);
  await expect(phone.getByRole('heading', { level: 1, name: TITLE })).toBeVisible();
  await expect(phone.locator('.waiting-place')).toHaveText('You are number 12,345. More than an hour.');
  await check(phone, 'waiting without bulletins');
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(phone.locator('.waiting-place')).toHaveText('Chi yw rhif 12,345. Mwy nag awr.');
  await check(phone, 'waiting in Welsh');
  room.says = null;
  await expect(phone.getByRole('heading', { name: 'Nid yw\'r ddyfais hon wedi ymuno' })).toBeVisible();
});

test('what an organiser writes in the waiting room is sent when they are in', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const room = await WaitingRoom.before(admin.context(), { position: 3, wait_s: 61, retry_after_s: 2 });
  await admin.reload();
  await expect(admin.getByRole('region', { name: TITLE })).toContainText('what you post is kept on this device');
  await write(admin, { title: 'Later', body: 'When it is our turn.' });
  await send(admin);
  await expect(outboxItem(admin, 'Later')).toContainText('waiting to be handed over');
  await check(admin, 'waiting in the console');
  room.says = null;
  await expect(outboxItem(admin, 'Later')).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  await expect(outboxItem(admin, 'Later')).toContainText('Sent:');
});

test('one tab is told for all, and all come in together', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const first = await open('phone');
  await join(first, await makeInvite(admin));
  await expectState(first, 'Live');
  const room = await WaitingRoom.before(first.context(), { position: 412, wait_s: 590, retry_after_s: 599 });
  const second = await first.context().newPage();
  await second.goto(holdfast.origin);
  await expectState(second, 'Waiting to come in');
  room.says = { position: 400, wait_s: 570, retry_after_s: 2 };
  await first.reload();
  // It was told not to ask for ten minutes, and did not.
  for (const tab of [first, second]) await expect(tab.locator('.waiting-place, .lead').first()).toContainText('number 400');
  room.says = null;
  for (const tab of [first, second]) await expectState(tab, 'Live');
});

interface Said {
  readonly position: number;
  readonly wait_s: number;
  readonly retry_after_s: number;
}

/** Stands before the server's admission and answers as it does when it is crowded, until it has nothing to say. */
class WaitingRoom {
  says: Said | null;
  readonly #askedAt: number[] = [];

  static async before(context: BrowserContext, says: Said): Promise<WaitingRoom> {
    const room = new WaitingRoom(says);
    await context.route('**/v1/admit', async (route) => room.#answer(route));
    return room;
  }

  private constructor(says: Said) {
    this.says = says;
  }

  /** How long the browser waited each time before it asked again. */
  pauses(): number[] {
    return this.#askedAt.slice(1).map((at, n) => at - (this.#askedAt[n] ?? 0));
  }

  async #answer(route: Route): Promise<void> {
    this.#askedAt.push(Date.now());
    if (this.says === null) return route.continue();
    await route.fulfill({
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': String(this.says.retry_after_s) },
      body: JSON.stringify({ code: 'waiting', place: 'a.b.c', ...this.says }),
    });
  }
}

/** Counts the answers of the real server that say "wait". */
function waitingAnswers(page: Page): () => number {
  let count = 0;
  page.on('response', (answer) => {
    if (answer.status() === 503 && answer.headers()['retry-after'] !== undefined) count += 1;
  });
  return () => count;
}

/** An admin's order: in survival whoever shows no ticket waits for their turn, however little there is to do. */
async function order(campaign: CampaignApi, posture: string): Promise<void> {
  await campaign.asks('admin', 'PUT', '/v1/posture', { posture, why: 'to see who waits', expires_in_s: 600 });
}
