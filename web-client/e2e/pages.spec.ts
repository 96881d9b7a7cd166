import { CANVASS_DAY, DRAFT } from './canvass_day.ts';
import { check, shoot } from './looks.ts';
import { expect, expectState, goTo, join, joinAsFirstAdmin, listed, makeInvite, openMe, say, test, titles, write } from './test.ts';

test('the bundle comes as small as it was packed', async ({ holdfast, request }) => {
  for (const encoding of ['br', 'gzip']) {
    const answer = await request.get(holdfast.origin, { headers: { 'accept-encoding': encoding } });
    expect(answer.headers()['content-encoding']).toBe(encoding);
    expect(await answer.text()).toContain('<!doctype html>');
  }
});

test('pages of the console are accessible, in light and in dark', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await admin.goto(holdfast.firstAdmin);
  await expect(admin.getByRole('button', { name: 'Join' })).toBeVisible();
  await check(admin, 'join');
  await joinAsFirstAdmin(admin, holdfast);
  await makeInvite(admin);
  await check(admin, 'invites');
  await write(admin, DRAFT.en, DRAFT.cy);
  await check(admin, 'compose');
  await shoot(admin, 'console-desktop');
});

test('the console on a phone is accessible, and so is its list', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  for (const { en, cy } of CANVASS_DAY) await say(campaign, en, cy);
  await goTo(admin, 'Bulletins');
  await expect(listed(admin)).toHaveCount(CANVASS_DAY.length);
  await check(admin, 'bulletins');

  const console = await open('phone');
  await join(console, await makeInvite(admin, { for: 'Organiser' }));
  await expectState(console, 'Live');
  await write(console, DRAFT.en, DRAFT.cy);
  await check(console, 'console on a phone');
  await shoot(console, 'console-phone');
});

test('what somebody sees who has not joined is accessible', async ({ holdfast, open }) => {
  const phone = await open('phone');
  await phone.goto(`${holdfast.origin}/join#nothing`);
  await phone.getByRole('button', { name: 'Join' }).click();
  await expect(phone.getByRole('heading', { name: 'This invite is not known' })).toBeVisible();
  await check(phone, 'refused invite');
  await phone.goto(holdfast.origin);
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await check(phone, 'not joined');
});

test('the feed is accessible, in both languages, and offline', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  for (const { en, cy } of CANVASS_DAY) await say(campaign, en, cy);
  const phone = await open('phone');
  await join(phone, invite);
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveCount(CANVASS_DAY.length);
  await check(phone, 'feed');
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await check(phone, 'feed in Welsh');
  await phone.getByRole('button', { name: 'English' }).click();
  await shoot(phone, 'feed-phone');

  await openMe(phone);
  await phone.getByRole('button', { name: 'This is slow' }).click();
  await expect(phone.getByText('Thank you.')).toBeVisible();
  await phone.getByRole('navigation').getByRole('link', { name: 'Bulletins', exact: true }).click();

  const reader = await open('desktop');
  await join(reader, invite);
  await expectState(reader, 'Live');
  await expect(titles(reader)).toHaveCount(CANVASS_DAY.length);
  await shoot(reader, 'feed-desktop');

  await holdfast.kill();
  await expectState(phone, 'Offline');
  await check(phone, 'feed while offline');
});

test('the status page is accessible without script, in both languages', async ({ browser, holdfast }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${holdfast.origin}/status`);
  await expect(page.getByRole('heading', { name: 'Everything is working' })).toBeVisible();
  await page.getByRole('link', { name: 'Cymraeg' }).click();
  await expect(page.getByRole('heading', { name: 'Mae popeth yn gweithio' })).toBeVisible();
  await context.close();

  const scripted = await browser.newContext({ bypassCSP: true });
  const looked = await scripted.newPage();
  for (const address of ['/status', '/status?lang=cy']) {
    await looked.goto(`${holdfast.origin}${address}`);
    await check(looked, address);
  }
  await scripted.close();
});
