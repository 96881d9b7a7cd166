import { Holdfast } from './holdfast.ts';
import { Issuer } from './issuer.ts';
import { expect, expectState, test as base, titles } from './test.ts';

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
