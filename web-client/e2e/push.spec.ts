import type { Page, Request } from '@playwright/test';
import type { CampaignApi } from './campaign_api.ts';
import { NEVER_PRESSED } from './holdfast.ts';
import { check } from './looks.ts';
import { openNotifications, pushedInTime, testWithPush, turnOn } from './push_test.ts';
import { expect, expectState, joinAsFirstAdmin, openMe, test as plain } from './test.ts';

const test = testWithPush(NEVER_PRESSED);

const TEXTS = {
  en: { title: 'Bring the van', body: 'To the pier, at six.' },
  cy: { title: 'Dewch â’r fan', body: 'I’r pier, am chwech.' },
};
const urgent = (campaign: CampaignApi) => async () => campaign.sends({ urgency: 'urgent', texts: TEXTS });
const activist = async (campaign: CampaignApi): Promise<string> => campaign.invites(['activist'], { regions: ['gwynedd'] });

test('a phone whose app is closed shows what is urgent within five seconds, says nothing of it, and leads to it', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  await check(page, 'notifications on');
  await page.close();

  const { id, pushed } = await pushedInTime(phone, urgent(campaign));
  expect([pushed.urgency, pushed.text.match(/van|pier|gwynedd|e2e-sender/i)]).toEqual(['high', null]);
  await browser.wake(pushed.text);
  await expect.poll(() => browser.shown()).toMatchObject([{ title: 'Urgent bulletin', body: '', tag: id, lang: 'en', requireInteraction: true }]);
  await expect.poll(async () => figures(campaign, id)).toEqual([1, 1]);

  const address = await browser.tapped();
  expect(await browser.shown()).toEqual([]);
  const opened = await browser.context.newPage();
  await opened.goto(address ?? '');
  await expect(opened.locator(`#card-${id}`)).toBeFocused();
  await expect(opened.locator(`#card-${id}`)).toContainText('To the pier, at six.');
});

test('who has the bulletin before their eyes is not disturbed, and a tap moves the page that is open', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  const { id, pushed } = await pushedInTime(phone, urgent(campaign));
  await browser.wake(pushed.text);
  await expect.poll(() => browser.shown()).toMatchObject([{ tag: id, silent: true, requireInteraction: false }]);
  expect(await browser.tapped()).toBeNull();
  await expect(page.locator(`#card-${id}`)).toBeFocused();
});

test('what was seen in the app goes from the screen', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  const { pushed } = await pushedInTime(phone, urgent(campaign));
  await browser.wake(pushed.text);
  await expect.poll(() => browser.shown()).toHaveLength(1);
  await page.evaluate(() => (location.hash = '#bulletins'));
  await page.getByRole('log').getByRole('button', { name: 'I have seen this' }).click();
  await expect.poll(() => browser.shown()).toEqual([]);
});

test('a correction and a withdrawal stand in the place of the first on a locked screen, and lead to what holds', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  await page.close();
  const first = await pushedInTime(phone, urgent(campaign));
  await browser.wake(first.pushed.text);
  const corrected = await pushedInTime(phone, () => campaign.corrects(first.id, { en: { title: 'Bring two vans', body: 'To the pier, at seven.' } }));
  await browser.wake(corrected.pushed.text);
  await expect.poll(async () => (await browser.shown()).map(({ title, tag }) => [title, tag])).toEqual([['Urgent bulletin, corrected', first.id]]);
  const opened = await browser.context.newPage();
  await opened.goto((await browser.tapped()) ?? '');
  await expect(opened.locator(`#card-${corrected.id}`)).toBeFocused();
  await expect(opened.locator(`#card-${corrected.id}`)).toContainText('To the pier, at seven.');
  await opened.close();
  const withdrawn = await pushedInTime(phone, async () => campaign.withdraws(corrected.id).then(() => corrected.id));
  await browser.wake(withdrawn.pushed.text);
  await expect.poll(async () => (await browser.shown()).map(({ title, tag }) => [title, tag])).toEqual([['Bulletin withdrawn', first.id]]);
});

test('an answer of the organisers is told without its words, and leads to the inbox', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  await page.evaluate(() => (location.hash = '#inbox/new'));
  await page.getByLabel('Your message').fill('May I bring the dog?');
  await page.getByRole('button', { name: 'Send' }).click();
  type Inbox = { conversations: { id: string }[] };
  const conversation = async () => (await campaign.asks<Inbox>('sender', 'GET', '/v1/inbox')).conversations[0]?.id;
  await expect.poll(conversation).toBeDefined();
  const coming = phone.next(20_000);
  await campaign.asks('sender', 'POST', `/v1/inbox/${await conversation()}/answers`, { text: 'Please do.' });
  const { text } = await coming;
  expect(text).not.toContain('Please do.');
  await page.evaluate(() => (location.hash = '#bulletins'));
  await browser.wake(text);
  await expect.poll(() => browser.shown()).toMatchObject([{ title: 'New message from the organisers', body: '' }]);
  expect(await browser.tapped()).toBeNull();
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
});

test('organisers see how many phones were notified of a bulletin, and how many showed it', async ({ campaign, holdfast, open, sleeper }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const shows = await sleeper(await activist(campaign));
  await sleeper(await activist(campaign));
  const { id, pushed } = await pushedInTime(shows.phone, urgent(campaign));
  await shows.browser.wake(pushed.text);
  await expect.poll(async () => figures(campaign, id)).toEqual([2, 1]);
  await admin.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
  const figure = (name: string) => admin.locator('.figures-total').filter({ has: admin.locator('dt', { hasText: name }) }).locator('dd');
  await expect(figure('Notified')).toHaveText(/^2 /);
  await expect(figure('Shown')).toHaveText(/^1 /);
  await check(admin, 'figures with notifications');
  await admin.getByRole('group', { name: 'Language' }).getByRole('button', { name: 'Cymraeg' }).click();
  await expect(figure('Hysbyswyd')).toHaveText(/^2 /);
  await check(admin, 'figures with notifications in Welsh');
});

test('an address that is gone is forgotten, and the app takes another at its next load', async ({ campaign, pushService, sleeper }) => {
  const { page, phone } = await sleeper(await activist(campaign));
  pushService.manner = { status: 410 };
  await urgent(campaign)();
  await expect.poll(() => phone.tried).toEqual([`${phone.subscription.prefix}/1`]);
  pushService.manner = 'take';
  await page.reload();
  await expect(page.getByText('Notifications are on, on this device.')).toBeVisible();
  const { pushed } = await pushedInTime(phone, urgent(campaign));
  expect(pushed.endpoint).toBe(`${phone.subscription.prefix}/2`);
});

test('a push service that is too busy is asked again when it said so', async ({ campaign, pushService, sleeper }) => {
  const { phone } = await sleeper(await activist(campaign));
  pushService.manner = { status: 429, retryAfter: 1 };
  await urgent(campaign)();
  await expect.poll(() => phone.tried.length).toBeGreaterThan(0);
  pushService.manner = 'take';
  await expect.poll(() => phone.pushed.length).toBe(1);
});

test('a push service that does not answer keeps nobody from what comes later', async ({ campaign, pushService, sleeper }) => {
  const { phone } = await sleeper(await activist(campaign));
  pushService.manner = 'stall';
  await urgent(campaign)();
  await expect.poll(() => pushService.stalled).toBe(1);
  pushService.manner = 'take';
  const { id, pushed } = await pushedInTime(phone, urgent(campaign));
  expect(pushed.text).toContain(id);
});

test('it speaks the reader’s language, and says the title to who wants that', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign));
  await told(page, () => page.getByRole('radio', { name: /The title too/ }).check());
  await told(page, () => page.getByRole('button', { name: 'Cymraeg' }).click());
  await expect(page.getByText('Mae hysbysiadau ymlaen ar y ddyfais hon.')).toBeVisible();
  await check(page, 'notifications on in Welsh');
  const { id, pushed } = await pushedInTime(phone, urgent(campaign));
  await browser.wake(pushed.text);
  await expect.poll(() => browser.shown()).toMatchObject([{ title: 'Bwletin brys', body: TEXTS.cy.title, tag: id, lang: 'cy' }]);
  await browser.wake('no JSON');
  await expect.poll(async () => (await browser.shown()).map(({ title }) => title)).toContain('Bwletin newydd');
});

test('in quiet hours and of what is muted nothing comes, and what is urgent only to who said so', async ({ campaign, sleeper }) => {
  const quiet = await sleeper(await activist(campaign));
  const muted = await sleeper(await activist(campaign));
  const awake = await sleeper(await activist(campaign));
  await quiet.page.getByRole('link', { name: 'Change quiet hours and what is muted' }).click();
  await told(quiet.page, () => quiet.page.getByRole('checkbox', { name: 'Keep quiet each day' }).check());
  // The same hour is the whole day.
  await told(quiet.page, () => quiet.page.getByLabel('From').fill('07:00'));
  await muted.page.getByRole('link', { name: 'Change quiet hours and what is muted' }).click();
  await told(muted.page, () => muted.page.getByRole('checkbox', { name: 'Everyone' }).check());
  await openNotifications(quiet.page);
  await expect(quiet.page.getByText('Once a day, shortly before 07:00')).toBeVisible();
  await check(quiet.page, 'notifications with quiet hours');

  await pushedInTime(awake.phone, urgent(campaign));
  await told(quiet.page, () => quiet.page.getByRole('checkbox', { name: /In quiet hours too/ }).check());
  await pushedInTime(quiet.phone, urgent(campaign));
  expect([quiet.phone.pushed.length, muted.phone.pushed.length]).toEqual([1, 0]);
});

test('turned off, nothing is sent; and who signs out leaves no address behind', async ({ campaign, sleeper }) => {
  const off = await sleeper(await activist(campaign));
  const gone = await sleeper(await activist(campaign));
  const awake = await sleeper(await activist(campaign));
  await told(off.page, () => off.page.getByRole('button', { name: 'Turn off' }).click());
  await expect(off.page.getByText('Notifications are off on this device.')).toBeVisible();
  await gone.page.getByRole('link', { name: 'Me', exact: true }).first().click();
  await gone.page.getByRole('button', { name: 'Sign out of this device' }).click();
  await gone.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(gone.page.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  for (const { page } of [off, gone]) await expect.poll(() => page.evaluate(() => localStorage.getItem('e2e.push'))).toContain('"key":null');
  await pushedInTime(awake.phone, urgent(campaign));
  expect([...off.phone.tried, ...gone.phone.tried]).toEqual([]);
});

test('notifications are offered to who comes again, in plain words, and to who said no never more', async ({ campaign, sleeper }) => {
  const { page, browser } = await sleeper(await activist(campaign), 'off');
  const offer = page.getByRole('complementary', { name: 'Hear of new bulletins while the app is closed?' });
  await campaign.sends({ kind: 'update', texts: TEXTS });
  await expect(page.getByRole('log').getByRole('article')).toHaveCount(1);
  await page.reload();
  // One hint at a time: that of the home screen comes first.
  await page.getByRole('complementary', { name: 'On your home screen' }).getByRole('button', { name: 'Not now' }).click();
  await expect(offer).toHaveCount(0);
  await page.reload();
  await expect(offer).toBeVisible();
  await check(page, 'notifications offered');
  await offer.getByRole('button', { name: 'No, thank you' }).click();
  await expect(page.getByText('Closed. You find it under Me.')).toBeVisible();
  await page.reload();
  await expectState(page, 'Live');
  await openMe(page);
  await expect(page.getByRole('link', { name: /^Notifications/ })).toContainText('Off');
  await expect(offer).toHaveCount(0);
  await turnOn(page, browser);
  await page.getByRole('link', { name: 'Me', exact: true }).first().click();
  await expect(page.getByRole('link', { name: /^Notifications/ })).toContainText('On');
});

test('a yes to the offer turns them on', async ({ campaign, sleeper }) => {
  const { page, browser, phone } = await sleeper(await activist(campaign), 'off');
  await urgent(campaign)();
  await page.getByRole('log').getByRole('button', { name: 'I have seen this' }).click();
  const offer = page.getByRole('complementary', { name: 'Hear of new bulletins while the app is closed?' });
  await browser.allow();
  await offer.getByRole('button', { name: 'Yes, tell me' }).click();
  await expect(offer).toHaveCount(0);
  await pushedInTime(phone, urgent(campaign));
});

test('a browser that blocks them is said to, with the way out; in Welsh too', async ({ campaign, sleeper }) => {
  const { page } = await sleeper(await activist(campaign), 'off');
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }));
  await page.reload();
  await openMe(page);
  await page.getByRole('link', { name: /^Notifications/ }).click();
  await expect(page.getByRole('heading', { name: 'How to unblock them' })).toBeVisible();
  await check(page, 'notifications blocked');
  await page.getByRole('button', { name: 'Cymraeg' }).click();
  await check(page, 'notifications blocked in Welsh');
});

test('on an iPhone they come once the app is on the home screen, and the guide says how', async ({ campaign, sleeper }) => {
  const { page } = await sleeper(await activist(campaign), 'off');
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1' });
    Reflect.deleteProperty(globalThis, 'PushManager');
  });
  await page.reload();
  await openMe(page);
  await page.getByRole('link', { name: /^Notifications/ }).click();
  await expect(page.getByText('On an iPhone or iPad, notifications come only to apps on the home screen.')).toBeVisible();
  await check(page, 'notifications on an iPhone');
  await page.getByRole('link', { name: 'Put this app on your home screen' }).click();
  await expect(page.getByText('Tap Share')).toBeVisible();
});

plain('where the service sends none, nothing is said of them', async ({ campaign, open }) => {
  const page = await open('phone');
  await page.goto(await activist(campaign));
  await page.getByRole('button', { name: 'Join' }).click();
  await expectState(page, 'Live');
  const read = page.waitForResponse((response) => response.url().endsWith('/v1/push'));
  await openMe(page);
  expect(await (await read).json()).toMatchObject({ subscribed: false });
  await expect(page.getByRole('link', { name: 'Devices' })).toBeVisible();
  await expect(page.getByRole('link', { name: /^Notifications/ })).toHaveCount(0);
});

/** Does what the service has to be told of, and waits until it is. */
async function told(page: Page, act: () => Promise<void>): Promise<void> {
  await Promise.all([page.waitForResponse((response) => response.ok() && isTold(response.request())), act()]);
}

function isTold(request: Request): boolean {
  return new URL(request.url()).pathname === '/v1/push' && request.method() !== 'GET';
}

/** How many a bulletin was pushed to, and how many of those showed it. */
async function figures(campaign: CampaignApi, id: string): Promise<number[]> {
  type Counts = Record<'pushed' | 'shown', { total: number }>;
  const { pushed, shown } = await campaign.asks<Counts>('sender', 'GET', `/v1/bulletins/${id}/receipts`);
  return [pushed.total, shown.total];
}
