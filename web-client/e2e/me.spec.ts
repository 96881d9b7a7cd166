import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, openMe, test } from './test.ts';

test('a member names themselves, chooses quiet, and moves to another phone', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const wish = { roles: ['activist'], regions: ['north'], teams: ['leaflets'], max_uses: 5, expires_in_s: 3_600 };
  const made: unknown = await campaign.asks('admin', 'POST', '/v1/invites', wish);
  const phone = await open('phone');
  await join(phone, (made as { link: string }).link);
  await expectState(phone, 'Live');
  await openMe(phone);
  await expect(phone.getByText('Activist: you read bulletins')).toBeVisible();
  await expect(phone.getByRole('definition').filter({ hasText: 'Leaflets' })).toBeVisible();
  await check(phone, 'me');
  await phone.getByLabel('What you want to be called').fill('Eleri');
  await phone.getByRole('button', { name: 'Save the name' }).click();
  await expect(phone.getByText('Saved.')).toBeVisible();
  await phone.reload();
  await expect(phone.getByLabel('What you want to be called')).toHaveValue('Eleri');

  await phone.getByRole('link', { name: /Mute and quiet hours/ }).click();
  await phone.getByRole('checkbox', { name: 'Leaflets' }).check();
  await phone.getByRole('checkbox', { name: 'Keep quiet each day' }).check();
  await phone.getByLabel('From').fill('21:30');
  await check(phone, 'quiet');
  await phone.reload();
  await expect(phone.getByRole('checkbox', { name: 'Leaflets' })).toBeChecked();
  await phone.getByRole('link', { name: 'Me' }).first().click();
  await expect(phone.getByRole('link', { name: /Mute and quiet hours/ })).toContainText('1 muted · Quiet from 21:30 to 07:00');

  await phone.getByRole('link', { name: 'Move to another phone' }).click();
  await phone.getByRole('button', { name: 'Make a code' }).click();
  const code = (await phone.locator('.me-code-text').textContent()) ?? '';
  expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await expect(phone.getByRole('img', { name: /QR code/ })).toBeVisible();
  await check(phone, 'move');

  const other = await open('phone');
  await other.goto(holdfast.origin);
  await other.getByRole('link', { name: 'I have a code from my other phone' }).click();
  await other.getByRole('textbox', { name: 'Code' }).fill('0000-0000');
  await other.getByRole('button', { name: 'Come in' }).click();
  await expect(other.getByRole('heading', { name: 'This code is not known' })).toBeVisible();
  await check(other, 'code unknown');
  await other.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase().replace('-', ' '));
  await other.getByRole('button', { name: 'Come in' }).click();
  await expectState(other, 'Live');
  await openMe(other);
  await expect(other.getByLabel('What you want to be called')).toHaveValue('Eleri');

  await other.getByRole('link', { name: 'Devices' }).click();
  const old = other.getByRole('listitem').filter({ hasText: 'Device 1' });
  await expect(old).toBeVisible();
  await check(other, 'devices');
  await old.getByRole('button', { name: 'Sign out Device 1' }).click();
  await expect(old.getByRole('button', { name: 'No' })).toBeFocused();
  await old.getByRole('button', { name: 'Yes, sign it out' }).click();
  await expect(old).toHaveCount(0);
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible({ timeout: 60_000 });
});

test('a link with a code moves as well, in the language that was chosen there', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await phone.goto(`${holdfast.origin}/#me/move`);
  await phone.getByRole('button', { name: 'Make a code' }).click();
  const code = (await phone.locator('.me-code-text').textContent()) ?? '';
  const other = await open('phone');
  await other.goto(`${holdfast.origin}/join#transfer=${code}`);
  await expect(other.getByRole('button', { name: 'Dod i mewn, yn Gymraeg' })).toBeVisible();
  await check(other, 'move link');
  await other.getByRole('button', { name: 'Dod i mewn, yn Gymraeg' }).click();
  await expect(other.getByRole('heading', { level: 1, name: 'Bwletinau' })).toBeVisible();
});

test('one’s data comes as a file, with what was written and complained, and the complaint waits in the inbox', async ({ holdfast, campaign, open }) => {
  const phone = await member(open, holdfast);
  await phone.goto(`${holdfast.origin}/#inbox/new`);
  await phone.getByLabel('Your message').fill('Thank you for the lift.');
  await phone.getByRole('button', { name: 'Send' }).click();
  await phone.goto(`${holdfast.origin}/#me/data`);
  await check(phone, 'my data');
  await phone.getByRole('link', { name: 'Write a complaint' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: 'Complaint' })).toBeVisible();
  await expect(phone.getByText('The organisers have to acknowledge it within 30 days.')).toBeVisible();
  await expect(phone.getByRole('link', { name: /ico.org.uk/ })).toBeVisible();
  await phone.getByLabel('Your message').fill('I did not want to be counted.');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(phone.getByText('The organisers have to acknowledge it by')).toBeVisible();
  await check(phone, 'complaint');
  const list: unknown = await campaign.asks('sender', 'GET', '/v1/inbox?about=complaint');
  expect((list as { conversations: unknown[] }).conversations).toHaveLength(1);

  await phone.goto(`${holdfast.origin}/#me/data`);
  const download = phone.waitForEvent('download');
  await phone.getByRole('button', { name: 'Save my data as a file' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  expect(file).toContain('Thank you for the lift.');
  expect(file).toContain('I did not want to be counted.');
  await expect(phone.getByText('Saved as my-data.json')).toBeVisible();
});

test('who leaves is signed out, and nothing stays on the device', async ({ holdfast, open }) => {
  const phone = await member(open, holdfast);
  await phone.goto(`${holdfast.origin}/#me/data`);
  await phone.getByRole('button', { name: 'Leave' }).click();
  await phone.getByRole('button', { name: 'No, keep it as it is' }).click();
  await phone.getByRole('button', { name: 'Leave' }).click();
  await check(phone, 'leave asked');
  await phone.getByRole('button', { name: 'Yes, leave the campaign' }).click();
  await gone(phone);
});

test('who is erased was asked twice, and the last admin cannot be', async ({ holdfast, campaign, open }) => {
  const phone = await member(open, holdfast);
  await phone.goto(`${holdfast.origin}/#inbox/new`);
  await phone.getByLabel('Your message').fill('To be forgotten.');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect.poll(async () => conversations(campaign.asks('sender', 'GET', '/v1/inbox'))).toBe(1);
  await phone.goto(`${holdfast.origin}/#me/data`);
  await erase(phone);
  await gone(phone);
  expect(await conversations(campaign.asks('sender', 'GET', '/v1/inbox'))).toBe(0);

  const admin = await open('phone');
  await admin.goto(`${holdfast.origin}/join`);
  await expect(admin.getByRole('heading', { name: 'This link has no invite in it' })).toBeVisible();
  await check(admin, 'join without an invite');
});

test('the last admin is told why they cannot go yet', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await admin.goto(`${holdfast.origin}/#me/data`);
  await erase(admin);
  await expect(admin.getByRole('alert')).toContainText('You are the last admin');
});

test('one’s own things read in Welsh, and say so without a connection', async ({ holdfast, open }) => {
  const phone = await member(open, holdfast);
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  for (const page of ['', '/quiet', '/devices', '/move', '/install', '/data']) {
    await phone.goto(`${holdfast.origin}/#me${page}`);
    await expect(phone.getByRole('heading', { level: 1 })).toBeVisible();
    await check(phone, `me${page.replace('/', ' ')} in Welsh`);
  }
  await phone.route('**/v1/**', async (route) => route.abort());
  await phone.goto(`${holdfast.origin}/#me/move`);
  await phone.getByRole('button', { name: 'Gwneud cod' }).click();
  await expect(phone.getByRole('alert')).toBeVisible();
});

test('who comes by an invite that an admin looks at waits on a page that says so', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const wish = { roles: ['activist'], regions: [], teams: [], max_uses: 5, expires_in_s: 3_600, needs_approval: true };
  const made: unknown = await campaign.asks('admin', 'POST', '/v1/invites', wish);
  const phone = await open('phone');
  await join(phone, (made as { link: string }).link);
  await expect(phone.getByRole('heading', { name: 'Somebody has yet to let you in' })).toBeVisible();
  await check(phone, 'awaiting');
  await phone.goto(holdfast.origin);
  await expect(phone.getByRole('heading', { name: 'Somebody has yet to let you in' })).toBeVisible();
  const list: unknown = await campaign.asks('admin', 'GET', '/v1/members');
  const waiting = (list as { members: { id: string; standing: string }[] }).members.find(({ standing }) => standing === 'waiting');
  await campaign.asks('admin', 'PATCH', `/v1/members/${waiting?.id}`, { standing: 'active' });
  await expectState(phone, 'Live');
});

test('who comes again is told once that the app can be on the home screen', async ({ holdfast, open }) => {
  const phone = await member(open, holdfast);
  const hint = phone.getByRole('complementary', { name: 'On your home screen' });
  await expect(hint).toHaveCount(0);
  await phone.reload();
  await expect(hint).toBeVisible();
  await check(phone, 'install hint');
  await hint.getByRole('link', { name: 'How' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: 'On your home screen' })).toBeVisible();
  await expect(phone.getByText('a browser may throw away what it kept')).toBeVisible();
  await phone.goto(holdfast.origin);
  await phone.reload();
  await expectState(phone, 'Live');
  await expect(hint).toHaveCount(0);
});

async function member(open: (viewport: 'desktop' | 'phone') => Promise<Page>, holdfast: Parameters<typeof joinAsFirstAdmin>[1]): Promise<Page> {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  return phone;
}

async function erase(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Erase me' }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText('Last question')).toBeVisible();
  await page.getByRole('button', { name: 'Erase me now' }).click();
}

async function gone(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
}

async function conversations(answer: Promise<unknown>): Promise<number> {
  return ((await answer) as { conversations: unknown[] }).conversations.length;
}
