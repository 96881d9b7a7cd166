import type { Page } from '@playwright/test';
import { Authenticator } from './authenticator.ts';
import { check } from './looks.ts';
import { expect, expectState, goTo, join, outboxItem, send, test, write } from './test.ts';

test('the first admin makes a passkey before anything else, and what goes wrong is said', async ({ holdfast, openWithoutPasskey }) => {
  const { page, device } = await openWithoutPasskey('desktop');
  await join(page, holdfast.firstAdmin);
  await expect(page.getByRole('heading', { name: 'Make your passkey' })).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);
  for (const language of ['Cymraeg', 'English']) {
    await page.getByRole('button', { name: language }).click();
    await check(page, `passkey make ${language}`);
  }

  await device.ownerAgrees(false);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('It was cancelled. Nothing was changed');
  await page.route('**/v1/passkeys/registrations', async (route) => route.abort());
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('The service did not answer');
  await page.unroute('**/v1/passkeys/registrations');
  await page.goto(`${holdfast.origin}/console#people`);
  await expect(page.getByRole('heading', { name: 'Make your passkey' })).toBeVisible();

  await device.ownerAgrees(true);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Members' })).toBeVisible();
  await expectState(page, 'Live');
  expect(await device.passkeys()).toBe(1);

  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Members' })).toBeVisible();
});

test('where there can be no passkeys it is said why', async ({ holdfast, openWithoutPasskey }) => {
  const { page } = await openWithoutPasskey('desktop');
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
  await join(page, holdfast.firstAdmin);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('This browser has no passkeys');

  const { page: bare } = await openWithoutPasskey('phone');
  await bare.goto(`${holdfast.origin.replace('localhost', '127.0.0.1')}/console#recover/ABCD`);
  await bare.getByRole('button', { name: 'Make the new passkey' }).click();
  await expect(bare.getByRole('alert')).toContainText('Open it by its name');
});

test('what one writes, another approves, each with a passkey; before it goes to all the passkey is asked for again', async ({
  holdfast,
  openWithoutPasskey,
  campaign,
}) => {
  const { page: admin } = await openWithoutPasskey('desktop');
  await comeIn(admin, holdfast.firstAdmin);
  const { page: approver, device } = await openWithoutPasskey('desktop');
  await comeIn(approver, await campaign.invites(['approver']));

  await write(admin, { title: 'Marsh Street', body: 'From ten.' });
  await send(admin);
  await expect(outboxItem(admin, 'Marsh Street')).toContainText('Waiting for a second person');

  await goTo(approver, 'Bulletins');
  await approver.getByRole('link', { name: 'Marsh Street' }).click();
  await minutesLater(approver, '**/v1/bulletins/*/approve');
  await approver.getByRole('button', { name: 'Approve' }).click();
  const dialog = approver.getByRole('dialog', { name: 'Confirm with your passkey' });
  await expect(dialog).toBeVisible();
  await check(approver, 'passkey step up');

  await device.ownerAgrees(false);
  await dialog.getByRole('button', { name: 'Use my passkey' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Nothing was changed');
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(approver.getByText('This needs your passkey. Nothing was changed')).toBeVisible();
  await expect(outboxItem(admin, 'Marsh Street')).toContainText('Waiting for a second person');

  await device.ownerAgrees(true);
  await approver.getByRole('button', { name: 'Approve' }).click();
  await dialog.getByRole('button', { name: 'Use my passkey' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(outboxItem(admin, 'Marsh Street')).toContainText('Sent:');
});

test('a stolen cookie can neither send nor export, and its owner stays in', async ({ holdfast, openWithoutPasskey, request }) => {
  const { page: admin } = await openWithoutPasskey('desktop');
  await comeIn(admin, holdfast.firstAdmin);
  const cookies = await admin.context().cookies();

  const { page: thief } = await openWithoutPasskey('desktop');
  await thief.context().addCookies(cookies);
  const headers = { origin: holdfast.origin, cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
  for (const path of ['/v1/session', '/v1/admit']) {
    const refused = await request.post(`${holdfast.origin}${path}`, { headers });
    expect([path, refused.status(), (await refused.json()).code]).toEqual([path, 401, 'proof_needed']);
  }
  // Whatever of the cookies might pass for a token.
  for (const { value } of cookies) {
    const bearer = { ...headers, authorization: `Bearer ${value}` };
    const draft = { content: { kind: 'alert', urgency: 'normal', audience: {}, texts: { en: { title: 'Stolen', body: 'Stolen.' } } } };
    expect([401, 403]).toContain((await request.post(`${holdfast.origin}/v1/bulletins`, { headers: bearer, data: draft })).status());
    expect([401, 403]).toContain((await request.get(`${holdfast.origin}/v1/members`, { headers: bearer })).status());
  }
  await thief.goto(`${holdfast.origin}/console`);
  await expect(thief.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(thief.getByRole('heading', { level: 1, name: 'Compose' })).toHaveCount(0);

  await admin.reload();
  await expectState(admin, 'Live');
  await expect(admin.getByRole('heading', { level: 1, name: 'Invites' }).or(admin.getByRole('heading', { level: 1, name: 'Compose' }))).toBeVisible();
});

test('a browser that lost its key is let in again by the passkey', async ({ holdfast, openWithoutPasskey }) => {
  const { page } = await openWithoutPasskey('desktop');
  await comeIn(page, holdfast.firstAdmin);
  await page.evaluate(async () => {
    await new Promise((done) => void Object.assign(indexedDB.deleteDatabase('holdfast-device'), { onsuccess: done, onblocked: done }));
  });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'This browser cannot show its key' })).toBeVisible();
  await check(page, 'passkey locked');
  await page.getByRole('button', { name: 'Use my passkey' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible();
  await expectState(page, 'Live');
});

test('a lost passkey is replaced by a second admin, and the lost device shows nothing any more', async ({ holdfast, openWithoutPasskey, campaign }) => {
  const { page: first } = await openWithoutPasskey('desktop');
  await comeIn(first, holdfast.firstAdmin);
  const { page: second } = await openWithoutPasskey('desktop');
  await comeIn(second, await campaign.invites(['admin']));

  await second.evaluate(() => (location.hash = '#people/members'));
  const rows = second.getByRole('row').filter({ hasText: 'Admin' });
  await rows.filter({ hasText: 'Sender' }).getByRole('link').click();
  await expect(second.getByRole('heading', { level: 2, name: 'Passkey' })).toBeVisible();
  await second.getByRole('button', { name: 'Give a new passkey' }).click();
  await second.getByRole('button', { name: 'Yes, make the link' }).click();
  const field = second.getByRole('textbox', { name: 'Link for a new passkey' });
  await expect(field).toHaveValue(/\/console#recover\//);
  await check(second, 'passkey give');
  const link = await field.inputValue();

  const { page: phone, device } = await openWithoutPasskey('phone');
  await phone.goto(link);
  await expect(phone.getByRole('heading', { name: 'Your new passkey' })).toBeVisible();
  expect(phone.url()).not.toContain('recover');
  for (const language of ['Cymraeg', 'English']) {
    await phone.getByRole('button', { name: language }).click();
    await check(phone, `passkey recover ${language}`);
  }
  await phone.getByRole('button', { name: 'Make the new passkey' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible();
  expect(await device.passkeys()).toBe(1);
  await expect(first.getByRole('heading', { name: 'This device has not joined' })).toBeVisible({ timeout: 30_000 });

  // Once only.
  const { page: late } = await openWithoutPasskey('phone');
  await late.goto(link);
  await late.getByRole('button', { name: 'Make the new passkey' }).click();
  await expect(late.getByRole('alert')).toContainText('This link has been used');
});

test('passkeys are listed, added and removed, but not the last one', async ({ holdfast, openWithoutPasskey }) => {
  const { page } = await openWithoutPasskey('desktop');
  await comeIn(page, holdfast.firstAdmin);
  await page.evaluate(() => (location.hash = '#account'));
  const passkeys = page.getByRole('list', { name: 'Passkeys' }).getByRole('listitem');
  await expect(passkeys).toHaveCount(1);
  await expect(page.getByText('The last one cannot be removed')).toBeVisible();

  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('There is a passkey of yours on this device already');
  await Authenticator.of(page, 'usb');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('The passkey is added.')).toBeVisible();
  await expect(passkeys).toHaveCount(2);
  await check(page, 'passkey account');
  await passkeys.first().getByRole('button', { name: /^Remove/ }).click();
  await page.getByRole('button', { name: 'Yes, remove' }).click();
  await expect(page.getByText('The passkey is removed.')).toBeVisible();
  await expect(passkeys).toHaveCount(1);
});

test('the first pages of the members are shown, and who reads on confirms with the passkey', async ({ holdfast, openWithoutPasskey, campaign }) => {
  const { page, device } = await openWithoutPasskey('desktop');
  await comeIn(page, holdfast.firstAdmin);
  const rows = Array.from({ length: 450 }, (_, at) => `ref-${at},Person ${at},north,`);
  const answer = await fetch(`${holdfast.origin}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await campaign.token('admin')}`, 'content-type': 'text/csv' },
    body: ['reference,name,regions,teams', ...rows, ''].join('\n'),
  });
  expect(answer.status).toBe(200);
  await page.evaluate(() => (location.hash = '#people/members'));
  await expect(page.getByText('200 members listed')).toBeVisible();
  await minutesLater(page, '**/v1/members?*after=*');
  await page.getByRole('button', { name: 'Show more' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm with your passkey' });
  await expect(dialog).toContainText('shows you very many people');
  await check(page, 'passkey members');
  await device.ownerAgrees(false);
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(page.getByText('This needs your passkey. Nothing was changed')).toBeVisible();
  await expect(page.getByText('200 members listed')).toBeVisible();
  await device.ownerAgrees(true);
  await page.getByRole('button', { name: 'Show more' }).click();
  await dialog.getByRole('button', { name: 'Use my passkey' }).click();
  await expect(page.getByText('400 members listed')).toBeVisible();
});

test('an activist makes a passkey if they want one, and a browser that forgot them is let in by it', async ({ holdfast, openWithoutPasskey, campaign }) => {
  const { page, device } = await openWithoutPasskey('phone');
  await join(page, await campaign.invites(['activist']));
  await expectState(page, 'Live');
  await page.goto(`${holdfast.origin}/#me/passkeys`);
  await expect(page.getByText('You have none.')).toBeVisible();
  await expect(page.getByText('You do not need one.')).toBeVisible();
  for (const language of ['Cymraeg', 'English']) {
    await page.getByRole('button', { name: language }).click();
    await check(page, `own passkeys ${language}`);
  }
  await device.ownerAgrees(false);
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('It was cancelled. Nothing was changed');
  await device.ownerAgrees(true);
  await page.getByLabel('What you want to call it').fill('My phone');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await expect(page.getByText('The passkey is made.')).toBeVisible();
  const passkeys = page.getByRole('list', { name: 'Your passkeys' }).getByRole('listitem');
  await expect(passkeys).toContainText(['My phone']);
  await page.getByRole('button', { name: 'Rename the passkey My phone' }).click();
  await passkeys.getByLabel('What you want to call it').fill('Eleri, phone');
  await passkeys.getByRole('button', { name: 'Save' }).click();
  await expect(passkeys).toContainText(['Eleri, phone']);
  await check(page, 'own passkey made');
  expect(await device.passkeys()).toBe(1);
  // The device is no other than before: without what a script could keep it goes on by its cookie.
  await forgetAll(page, holdfast.origin, 'indexeddb,local_storage');
  await page.goto(holdfast.origin);
  await expectState(page, 'Live');

  await forgetAll(page, holdfast.origin, 'all');
  await page.goto(holdfast.origin);
  await page.getByRole('link', { name: 'I have a code from my other phone' }).click();
  for (const language of ['Cymraeg', 'English']) {
    await page.getByRole('button', { name: language }).click();
    await check(page, `passkey sign-in ${language}`);
  }
  await device.ownerAgrees(false);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'come in with a code from another device' })).toBeVisible();
  await device.ownerAgrees(true);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expectState(page, 'Live');
  await page.goto(`${holdfast.origin}/#me/passkeys`);
  await expect(passkeys).toContainText([/Last used/]);

  await page.getByRole('button', { name: 'Remove the passkey Eleri, phone' }).click();
  await page.getByRole('button', { name: 'Yes, remove it' }).click();
  await expect(page.getByText('The passkey is removed.')).toBeVisible();
  await page.goto(holdfast.origin);
  await expectState(page, 'Live');
  await forgetAll(page, holdfast.origin, 'all');
  await page.goto(`${holdfast.origin}/join`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The service does not know this passkey' })).toBeVisible();
});

test('an organiser signs in by their passkey on a browser that knows nothing, and may at once', async ({ holdfast, openWithoutPasskey }) => {
  const { page } = await openWithoutPasskey('desktop');
  await comeIn(page, holdfast.firstAdmin);
  await forgetAll(page, holdfast.origin, 'all');
  await page.goto(`${holdfast.origin}/join`);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible();
  await expectState(page, 'Live');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Compose' })).toBeVisible();
});

/** As clearing the browser's data does. The passkey is not the browser's, and stays. */
async function forgetAll(page: Page, origin: string, what: string): Promise<void> {
  // A page of the same origin without a script: nothing is written again.
  await page.goto(`${origin}/status`);
  const session = await page.context().newCDPSession(page);
  // It stays attached: when a session goes, Chromium takes the page's authenticator away.
  await session.send('Storage.clearDataForOrigin', { origin, storageTypes: what });
  if (what === 'all') await page.context().clearCookies();
}

/** Joins as an organiser does, up to the console. */
async function comeIn(page: Page, link: string): Promise<void> {
  await join(page, link);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await expectState(page, 'Live');
  await expect(page.getByRole('heading', { level: 1 })).not.toContainText('passkey');
}

/** The service asks again after five minutes, for which no test waits: here it does so at once, twice. */
async function minutesLater(page: Page, path: string): Promise<void> {
  await page.route(path, async (route) => route.fulfill({ status: 403, json: { code: 'step_up_needed' } }), { times: 2 });
}
