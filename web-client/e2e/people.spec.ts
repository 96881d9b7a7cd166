import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { check } from './looks.ts';
import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, test } from './test.ts';

const NOT_JOINED = 'This device has not joined';
/** Within this a change of what somebody may holds everywhere (`REVOKED_WITHIN`), with what a busy machine takes. */
const WITHIN = { timeout: 5_000 };

test('a list is tried, imported and its links used, and the same list again changes nobody', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await openTab(admin, 'Import a list');
  await check(admin, 'people import');

  const rows = Array.from({ length: 1_200 }, (_, at) => `ref-${at},Person ${at},activist,north-wales,leaflets`);
  const list = ['reference,name,roles,regions,teams', ...rows, ',Nobody,,,', 'ref-1,Twice,,,', '+44,Plus,sailor,,', '=1+1,Formula,,,'].join('\n');
  await choose(admin, list);
  await expect(admin.getByRole('heading', { name: 'What would happen' })).toBeVisible();
  await expect(admin.getByText('1,201 people would be added')).toBeVisible();
  await expect(admin.getByText('3 rows cannot be taken')).toBeVisible();
  await expect(admin.getByRole('row').filter({ hasText: '1,203' })).toContainText('The reference is that of a row before');
  await expect(admin.getByRole('row').filter({ hasText: '1,204' })).toContainText('A role is activist');
  await check(admin, 'people import tried');
  const errors = await saved(admin, 'Save the error file');
  expect(errors.split('\r\n')[0]).toBe('line,why,reference,name,roles,regions,teams');
  expect(errors).toContain(`1204,"A role is activist, observer, sender, approver or admin","'+44",Plus,sailor,,`);

  // The connection goes in the middle, and comes back.
  let sent = 0;
  await admin.route('**/v1/imports?dry_run=false*', async (route) => {
    sent += 1;
    if (sent === 2) await route.abort();
    else await route.continue();
  });
  await admin.getByRole('button', { name: 'Import 1,201 rows' }).click();
  await expect(admin.getByRole('heading', { name: 'The list is imported' })).toBeVisible({ timeout: 60_000 });
  expect(sent).toBe(4);
  await expect(admin.getByText('1,201 people were added')).toBeVisible();
  await expect(admin.getByText('Links are keys.')).toBeVisible();
  await check(admin, 'people imported');
  const links = await saved(admin, 'Save the links (CSV)');
  expect(links.split('\r\n')).toHaveLength(1_203);
  expect(links).toContain(`'=1+1,Formula,http`);

  const phone = await open('phone');
  await join(phone, linkOf(links, 'ref-7'));
  await expectState(phone, 'Live');

  await admin.getByRole('button', { name: 'Choose another file' }).click();
  await choose(admin, list);
  await expect(admin.getByText('1 has come in before and stays as they are')).toBeVisible();
  await admin.getByRole('button', { name: 'Import 1,201 rows' }).click();
  await expect(admin.getByText('1,200 were there and have not come yet; their links stay the same')).toBeVisible({ timeout: 60_000 });
  expect(linkOf(await saved(admin, 'Save the links (CSV)'), 'ref-8')).toBe(linkOf(links, 'ref-8'));
});

test('a page that is closed in the middle of an import says so when it is opened again', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await openTab(admin, 'Import a list');
  const list = ['reference', ...Array.from({ length: 600 }, (_, at) => `r${at}`)].join('\n');
  await choose(admin, list);
  let sent = 0;
  await admin.route('**/v1/imports?dry_run=false*', async (route) => {
    sent += 1;
    if (sent > 1) await route.abort();
    else await route.continue();
  });
  await admin.getByRole('button', { name: 'Import 600 rows' }).click();
  await expect(admin.getByText('500 of 600 rows')).toBeVisible();
  await admin.getByRole('button', { name: 'Stop' }).click();
  await expect(admin.getByText('500 of 600 rows are imported')).toBeVisible();
  await admin.reload();
  await expect(admin.getByText(/An import on this device stopped .* at 500 of 600 rows/)).toBeVisible();
  await admin.unroute('**/v1/imports?dry_run=false*');
  await choose(admin, list);
  await expect(admin.getByText('100 people would be added')).toBeVisible();
  await admin.getByRole('button', { name: 'Import 600 rows' }).click();
  await expect(admin.getByRole('heading', { name: '600 links' })).toBeVisible({ timeout: 60_000 });
});

test('what is no list is said before anything is sent', async ({ holdfast, open }) => {
  const admin = await open('phone');
  await joinAsFirstAdmin(admin, holdfast);
  await openTab(admin, 'Import a list');
  await choose(admin, 'reference,phone\n1,2\n');
  await expect(admin.getByRole('alert')).toContainText('There is no column “phone”');
});

test('what a member may is changed, and of two admins the slower one sees what the faster did', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  const other = await open('desktop');
  await join(other, await inviteOf(admin, 'Admin'));
  await expectState(other, 'Live');

  for (const page of [admin, other]) await openMember(page, 'Activist');
  await other.getByLabel('Teams').fill('drivers');
  await other.getByRole('button', { name: 'Save' }).click();
  await expect(other.getByText('Saved. It holds everywhere within 5 seconds.')).toBeVisible();

  await admin.getByRole('checkbox', { name: 'Sender' }).check();
  await admin.getByLabel('Regions').fill('north-wales, cardiff');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByRole('alert')).toContainText('Somebody else was faster');
  await expect(admin.getByRole('alert')).toContainText('drivers');
  await check(admin, 'people overtaken');
  await admin.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(admin.getByText('Saved. It holds everywhere within 5 seconds.')).toBeVisible();

  // The phone is an organiser's now.
  await phone.goto(`${holdfast.origin}/console`);
  await expect(phone.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible();
});

test('a device that an admin signs out goes out within seconds, and an erased member as well', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  const phone = await open('phone');
  await join(phone, invite);
  await expectState(phone, 'Live');
  await openMember(admin, 'Activist');
  await check(admin, 'people member');
  await admin.getByRole('button', { name: 'Sign out device 1' }).click();
  await admin.getByRole('button', { name: 'Yes, sign out' }).click();
  await expect(phone.getByRole('heading', { name: NOT_JOINED })).toBeVisible(WITHIN);
  await expect(admin.getByText('Signed out. The device shows nothing any more within 5 seconds.')).toBeVisible();
  await expect(admin.getByText('Signed in nowhere.')).toBeVisible();

  const again = await open('phone');
  await join(again, invite);
  await expectState(again, 'Live');
  await openTab(admin, 'Members');
  await admin.getByRole('row').filter({ hasText: 'Activist' }).filter({ has: admin.getByRole('cell', { name: '1', exact: true }) }).getByRole('link').click();
  await admin.getByRole('button', { name: 'Erase this member' }).click();
  await admin.getByRole('button', { name: 'Yes, go on' }).click();
  await admin.getByLabel('To erase, type the word erase').fill('erase');
  await check(admin, 'people erase');
  await admin.getByRole('button', { name: 'Erase for good' }).click();
  await expect(admin.getByRole('heading', { name: 'The member was erased' })).toBeVisible();
  await expect(again.getByRole('heading', { name: NOT_JOINED })).toBeVisible(WITHIN);
  await admin.getByRole('link', { name: 'All members' }).click();
  await expect(admin.getByRole('heading', { name: '2 members listed' })).toBeVisible();
});

test('who waits for approval is let in or refused', async ({ holdfast, open, request }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await goTo(admin, 'Invites');
  await admin.getByRole('checkbox', { name: /An admin has to agree/ }).check();
  const invite = await makeInvite(admin);
  for (const attempt of ['first-attempt-of-one', 'first-attempt-of-two']) {
    const token = new URL(invite).hash.slice(1);
    const headers = { origin: holdfast.origin };
    expect((await request.post(`${holdfast.origin}/v1/invites/redeem`, { headers, data: { token, attempt } })).status()).toBe(202);
  }
  for (const [button, sure] of [['Let them in', null], ['Refuse', 'Yes, refuse']] as const) {
    await openTab(admin, 'Members');
    await admin.getByLabel('Standing').selectOption('Waits for approval');
    await admin.getByRole('row').filter({ hasText: 'Waits for approval' }).first().getByRole('link').click();
    await admin.getByRole('button', { name: button }).click();
    if (sure !== null) await admin.getByRole('button', { name: sure }).click();
    await expect(admin.getByText(sure === null ? 'They are in.' : 'The member was erased')).toBeVisible();
  }
});

test('a team is there when a member has its name', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await openTab(admin, 'Teams');
  await admin.getByLabel('Name of the team').fill('leaflets');
  await admin.getByRole('button', { name: 'Choose its members' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'leaflets' })).toBeVisible();
  await admin.getByRole('button', { name: /^Add / }).first().click();
  await expect(admin.getByText('is in the team.')).toBeVisible();
  await admin.getByRole('button', { name: /^Add / }).first().click();
  await expect(admin.getByRole('button', { name: /^Take .* out of the team/ })).toHaveCount(2);
  await check(admin, 'people team');
  await admin.getByRole('link', { name: 'All teams' }).click();
  await expect(admin.getByRole('row').filter({ hasText: 'leaflets' })).toContainText('2');
  await admin.getByRole('link', { name: 'leaflets' }).click();
  await admin.getByRole('button', { name: /^Take .* out of the team/ }).first().click();
  await admin.getByRole('button', { name: 'Yes, take out' }).click();
  await expect(admin.getByText('is not in the team any more.')).toBeVisible();
});

test('an invite is made again like one that is there, and its code saved', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const first = await inviteOf(admin, 'Observer', { regions: 'north-wales' });
  await admin.getByRole('button', { name: /^New link like the one for/ }).click();
  const field = admin.getByRole('textbox', { name: 'Invite link' });
  await expect(field).not.toHaveValue(first);
  await expect(admin.getByRole('cell', { name: 'north-wales' })).toHaveCount(2);
  expect(await saved(admin, 'Save the QR code (SVG)')).toMatch(/^<svg xmlns/);
});

test('the pages of people are accessible in both languages, on a narrow phone too', { tag: '@long' }, async ({ holdfast, open }) => {
  // Six pages, twice in each language and theme.
  test.slow();
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await inviteOf(admin, 'Activist', { regions: 'north-wales', teams: 'leaflets' });
  const phone = await open('phone');
  await join(phone, await makeInvite(admin, { for: 'Organiser' }));
  await expectState(phone, 'Live');
  for (const size of [{ width: 1280, height: 800 }, { width: 320, height: 700 }]) {
    await admin.setViewportSize(size);
    for (const language of ['Cymraeg', 'English']) {
      await admin.getByRole('button', { name: language }).click();
      for (const place of ['members', 'import', 'invites', 'teams', 'teams/leaflets', 'members/nobody']) {
        await admin.evaluate((hash) => (location.hash = hash), `#people/${place}`);
        await expect(admin.getByRole('heading', { level: 1 })).toBeVisible();
        await check(admin, `people ${place.replace('/', ' ')} ${language} ${size.width}`);
        expect(await admin.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      }
    }
  }
  await phone.goto(`${holdfast.origin}/console#people`);
  await expect(phone.getByRole('heading', { name: 'People are for admins' })).toBeVisible();
  await expect(phone.getByText('Sender')).toBeVisible();
  await check(phone, 'people of a sender');
});

async function openTab(page: Page, name: 'Import a list' | 'Members' | 'Teams'): Promise<void> {
  const hash = { 'Import a list': '#people/import', Members: '#people/members', Teams: '#people/teams' }[name];
  await page.evaluate((to) => (location.hash = to), hash);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

/** Opens the first member who has this role and no other. */
async function openMember(page: Page, role: string): Promise<void> {
  await openTab(page, 'Members');
  await page.getByRole('row').filter({ has: page.getByRole('cell', { name: role, exact: true }) }).first().getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'What they may do' })).toBeVisible();
}

/** A link for one role alone. */
async function inviteOf(page: Page, role: string, places: { regions?: string; teams?: string } = {}): Promise<string> {
  await goTo(page, 'Invites');
  await page.getByRole('radio', { name: 'Others' }).check();
  await page.getByRole('checkbox', { name: 'Activist' }).uncheck();
  await page.getByRole('checkbox', { name: new RegExp(`^${role} `) }).check();
  if (places.regions !== undefined) await page.getByLabel('Regions').fill(places.regions);
  if (places.teams !== undefined) await page.getByLabel('Teams').fill(places.teams);
  await page.getByRole('button', { name: 'Make the invite' }).click();
  return page.getByRole('textbox', { name: 'Invite link' }).inputValue();
}

async function choose(page: Page, csv: string): Promise<void> {
  await page.getByLabel('Choose a CSV file').setInputFiles({ name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
}

async function saved(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
  return readFile(await download.path(), 'utf8');
}

function linkOf(csv: string, reference: string): string {
  const row = csv.split('\r\n').find((line) => line.startsWith(`${reference},`));
  return row?.split(',')[2] ?? '';
}
