import { Holdfast } from './holdfast.ts';
import { Issuer } from './issuer.ts';
import { check } from './looks.ts';
import { expect, expectState, join, openMe, test as base, titles } from './test.ts';

const test = base.extend<{ issuer: Issuer }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
  issuer: async ({}, use) => {
    const issuer = await Issuer.start();
    await use(issuer);
    issuer.stop();
  },
  holdfast: async ({ issuer }, use) => {
    const signOn = ['--oidc-issuer', issuer.url, '--oidc-client-id', 'holdfast', '--oidc-name', 'Campaign account', '--oidc-join'];
    const holdfast = await Holdfast.start(['--delay-target', '1m', ...signOn, '--sign-on-roles', 'activist,sender']);
    await use(holdfast);
    await holdfast.remove();
  },
});

const LINK = 'Sign in with my account from now on';
const BUTTON = 'Sign in with Campaign account';

test('somebody signs in with the campaign’s own sign-on and reads bulletins', async ({ campaign, holdfast, open }) => {
  const phone = await open('phone');
  await phone.goto(`${holdfast.origin}/join`);
  await phone.getByRole('link', { name: BUTTON }).click();
  await phone.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(phone).toHaveURL(`${holdfast.origin}/`);
  await expectState(phone, 'Live');
  const en = { title: 'The march begins at noon', body: 'At the bridge.' };
  await campaign.sends({ audience: { regions: ['north'] }, texts: { en } });
  await expect(titles(phone).filter({ hasText: en.title })).toBeVisible();
  await phone.reload();
  await expectState(phone, 'Live');
  await expect(titles(phone).filter({ hasText: en.title })).toBeVisible();
});

test('an organiser signs in at the console and it opens', async ({ holdfast, issuer, open }) => {
  issuer.claims = { ...issuer.claims, holdfast_roles: ['sender'] };
  const desk = await open('desktop');
  await desk.goto(`${holdfast.origin}/console`);
  await desk.getByRole('link', { name: BUTTON }).click();
  await desk.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(desk).toHaveURL(/\/console/);
  await expect(desk.getByRole('link', { name: 'Compose' })).toBeVisible();
});

test('who says no, or has no role here, is told so and can begin again', async ({ holdfast, issuer, open }) => {
  const phone = await open('phone');
  await phone.goto(`${holdfast.origin}/join`);
  await phone.getByRole('link', { name: BUTTON }).click();
  await phone.getByRole('link', { name: 'No', exact: true }).click();
  await expect(phone.getByRole('heading', { name: 'You were not signed in' })).toBeVisible();
  await expect(phone).toHaveURL(`${holdfast.origin}/join`);
  issuer.claims = { ...issuer.claims, holdfast_roles: ['king'] };
  await phone.getByRole('link', { name: BUTTON }).click();
  await phone.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(phone.getByRole('heading', { name: 'Your account has no role here' })).toBeVisible();
});

test('who came by an invite links their account, and is the same member with it on another phone', async ({ campaign, holdfast, open }) => {
  const phone = await open('phone');
  await join(phone, await campaign.invites(['activist'], { regions: ['south'] }));
  await expectState(phone, 'Live');
  await openMe(phone);
  const own = (await phone.locator('.me-id').textContent()) ?? '';
  await phone.getByRole('link', { name: 'Account of the campaign' }).click();
  await expect(phone.getByText('Your account at Campaign account does not sign you in yet.')).toBeVisible();
  await check(phone, 'sign-on link');
  await phone.getByRole('button', { name: LINK }).click();
  await phone.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(phone).toHaveURL(`${holdfast.origin}/#me/sign-on`);
  await expect(phone.getByText('Done. Your account signs you in from now on.')).toBeVisible();
  await expect(phone.getByText('Your account at Campaign account signs you in.')).toBeVisible();
  await check(phone, 'sign-on linked');
  await phone.locator('button[lang=cy]').first().click();
  await expect(phone.getByText('Mae eich cyfrif gyda Campaign account yn eich mewngofnodi.')).toBeVisible();
  await check(phone, 'sign-on linked in Welsh');
  await phone.locator('button[lang=en]').first().click();
  await phone.reload();
  await expect(phone.getByText('Your account at Campaign account signs you in.')).toBeVisible();
  await expect(phone.getByText('Done. Your account')).toHaveCount(0);

  const second = await open('phone');
  await second.goto(`${holdfast.origin}/join`);
  await second.getByRole('link', { name: BUTTON }).click();
  await second.getByRole('link', { name: 'Yes, it is me' }).click();
  await expectState(second, 'Live');
  await openMe(second);
  await expect(second.locator('.me-id')).toHaveText(own);
  // What the account says of regions is nothing to who was invited.
  await expect(second.locator('.me-facts')).toContainText('South');
  await expect(second.locator('.me-facts')).not.toContainText('North');

  const other = await open('phone');
  await join(other, await campaign.invites(['activist']));
  await expectState(other, 'Live');
  await other.goto(`${holdfast.origin}/#me/sign-on`);
  await other.getByRole('button', { name: LINK }).click();
  await other.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(other.getByRole('alert').filter({ hasText: 'This account signs another member in, so nothing was changed.' })).toBeVisible();
  await check(other, 'sign-on taken');

  await phone.getByRole('button', { name: 'Do not sign in with it any more' }).click();
  await phone.getByRole('button', { name: 'Yes, take it away' }).click();
  await expect(phone.getByText('It does not sign you in any more.')).toBeVisible();
  await expect(phone.getByRole('button', { name: LINK })).toBeVisible();
  // Now it is nobody's, and may be another's.
  await other.getByRole('button', { name: LINK }).click();
  await other.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(other.getByText('Done. Your account signs you in from now on.')).toBeVisible();
});

test('an organiser links their account in the console, and it alone is not enough to organise', async ({ campaign, holdfast, issuer, open, openWithoutPasskey }) => {
  const desk = await open('desktop');
  await join(desk, await campaign.invites(['sender']));
  await expect(desk).toHaveURL(/\/console/);
  await desk.evaluate(() => (location.hash = '#account'));
  await desk.getByRole('button', { name: LINK }).click();
  await desk.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(desk).toHaveURL(`${holdfast.origin}/console#account`);
  await expect(desk.getByText('Done. Your account signs you in from now on.')).toBeVisible();
  await check(desk, 'sign-on linked console');
  issuer.claims = { sub: issuer.claims['sub'] };
  const { page: second } = await openWithoutPasskey('desktop');
  await second.goto(`${holdfast.origin}/console`);
  await second.getByRole('link', { name: BUTTON }).click();
  await second.getByRole('link', { name: 'Yes, it is me' }).click();
  await expect(second.getByRole('button', { name: 'Use my passkey' })).toBeVisible();
});
