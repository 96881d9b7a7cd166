import { check, shoot } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, test } from './test.ts';

test('a level is ordered with a reason and taken back, and all of it is in the audit', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await admin.getByRole('navigation').getByRole('link', { name: 'Watch' }).click();
  await expect(admin.locator('.situation')).toContainText('All is calm. Members are not affected.');
  const level = admin.getByRole('region', { name: 'Level' });
  await expect(level).toContainText('Nobody ordered it.');
  await check(admin, 'watch');
  await shoot(admin, 'console-watch-desktop-en-light');

  await level.getByRole('radio', { name: 'Under attack' }).check();
  await level.getByRole('button', { name: 'Go on' }).click();
  await expect(level.getByRole('alert')).toHaveText('Say why first.');
  await level.getByLabel('Why, for those who read').fill('A flood was announced for noon.');
  await level.getByRole('button', { name: 'Go on' }).click();
  const sure = level.getByRole('group', { name: 'Order Under attack for 30 minutes?' });
  await expect(sure).toContainText('Strangers wait in the waiting room.');
  await expect(sure.getByRole('button', { name: 'No, go back' })).toBeFocused();
  await sure.getByRole('button', { name: 'Yes, order Under attack' }).click();
  await expect(level.getByRole('status')).toHaveText('It is ordered, and holds everywhere.');
  await expect(level).toContainText('A flood was announced for noon.');
  await expect(admin.locator('.situation')).toContainText('An admin ordered the level Under attack.');
  await expect(phone.getByText('The service is under attack.')).toBeVisible();

  await level.getByRole('button', { name: 'Take the order back' }).click();
  await level.getByRole('button', { name: 'Yes, take it back' }).click();
  await expect(level.getByRole('status')).toHaveText('The order is taken back.');
  await expect(level).toContainText('Nobody ordered it.');

  await admin.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
  const entries = admin.getByRole('region', { name: 'What was done' }).getByRole('listitem');
  await expect(entries.filter({ hasText: 'You took back the order of a posture' })).toHaveCount(1);
  await expect(entries.filter({ hasText: 'You ordered a posture' })).toHaveCount(1);
  await expect(entries.filter({ hasText: 'You made invite' })).toHaveCount(1);
  await admin.getByRole('combobox', { name: 'What was done' }).selectOption({ label: 'Ordered a posture' });
  await expect(entries).toHaveCount(1);
  await entries.getByText('What changed').click();
  await expect(entries.getByRole('row', { name: /^posture/ })).toContainText('under_attack');
  await expect(admin.getByText('Checked by this browser: it is signed')).toBeVisible();
  await check(admin, 'audit');
});

test('a statement is on the status page at once, in both languages, until the all-clear', async ({ browser, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await admin.getByRole('navigation').getByRole('link', { name: 'Watch' }).click();
  const page = admin.getByRole('region', { name: 'Status page' });
  await page.getByLabel('In English').fill('Next word at 14:00.');
  await page.getByLabel('In Welsh').fill('Gair nesaf am 14:00.');
  await admin.reload();
  await expect(page.getByLabel('In Welsh')).toHaveValue('Gair nesaf am 14:00.');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Yes, say it to everybody' }).click();
  await expect(page).toContainText('It is on the status page.');
  await expect(page.getByRole('blockquote')).toHaveText('Next word at 14:00.\n\nGair nesaf am 14:00.');

  const context = await browser.newContext({ javaScriptEnabled: false });
  const anybody = await context.newPage();
  await anybody.goto(`${holdfast.origin}/status`);
  await expect(anybody.getByText('Next word at 14:00.')).toBeVisible();
  await expect(anybody.getByText('Gair nesaf am 14:00.')).toBeVisible();

  await page.getByRole('button', { name: 'Give the all-clear' }).click();
  await page.getByRole('button', { name: 'Yes, all is clear' }).click();
  await expect(page).toContainText('The all-clear is given.');
  await anybody.reload();
  await expect(anybody.getByText('Next word at 14:00.')).toHaveCount(0);
  await context.close();
});
