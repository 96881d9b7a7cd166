import type { Page } from '@playwright/test';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, outboxItem, send, test, titles } from './test.ts';

test('the figures rise while phones read, and whom it did not reach is written to in one click', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const reader = await open('phone');
  await join(reader, await campaign.invites(['activist'], { regions: ['gwynedd'] }));
  await expectState(reader, 'Live');
  const away = await open('phone');
  await join(away, await campaign.invites(['activist'], { regions: ['ynys-mon'] }));
  await expectState(away, 'Live');
  await away.goto('about:blank');
  // The roll of members is up to a second behind.
  await expect.poll(async () => (await campaign.asks<{ members: number }>('sender', 'POST', '/v1/audience', {})).members).toBe(3);

  const id = await campaign.sends({ urgency: 'urgent', texts: { en: { title: 'Come now', body: 'To the pier.' }, cy: { title: 'Dewch nawr', body: 'I’r pier.' } } });
  await expect(titles(reader)).toHaveText(['Come now']);
  await admin.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
  await expect(admin.getByRole('heading', { level: 1, name: 'Come now' })).toBeVisible();
  await expect(figure(admin, 'Stored')).toHaveText(/^3 /);
  await expect(row(admin, 'gwynedd')).toHaveText(/^gwynedd1/);
  await expect(admin.locator('.reach-chart canvas')).toBeVisible();

  await reader.getByRole('log').getByRole('button', { name: 'I have seen this' }).click();
  await expect(figure(admin, 'Seen')).toHaveText(/^1 /);
  await expect(row(admin, 'ynys-mon').getByRole('cell').last()).toHaveText('1');
  await expect(row(admin, 'gwynedd').getByRole('cell').last()).toHaveText('0');
  await expect(admin.getByRole('row').nth(1)).toContainText('ynys-mon');
  await admin.getByRole('button', { name: 'Region' }).click();
  await expect(admin.getByRole('row').nth(1)).toContainText('gwynedd');
  await admin.getByText('The same figures as a table').click();
  await check(admin, 'figures');
  await admin.getByRole('group', { name: 'Language' }).getByRole('button', { name: 'Cymraeg' }).click();
  await expect(admin.getByRole('heading', { name: 'Pa mor bell y daeth' })).toBeVisible();
  await check(admin, 'figures in Welsh');
  await admin.getByRole('group', { name: 'Iaith' }).getByRole('button', { name: 'English' }).click();

  const [file] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('button', { name: 'Save as a table (CSV)' }).click()]);
  expect(file.suggestedFilename()).toBe(`holdfast-${id}.csv`);

  await admin.getByRole('link', { name: /^Write to the .* who did not receive it$/ }).click();
  await expect(admin.getByText('Only those who did not receive another bulletin.')).toBeVisible();
  await expect(admin.getByRole('group', { name: 'English' }).getByLabel('Title')).toHaveValue('Please read: Come now');
  await check(admin, 'follow up');
  await send(admin);
  await expect(outboxItem(admin, 'Please read: Come now')).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  await expect(outboxItem(admin, 'Please read: Come now')).toContainText('Sent:');
  await away.goto(holdfast.origin);
  await expect(titles(away)).toHaveText(['Please read: Come now', 'Come now']);
  await expect(titles(reader)).toHaveText(['Come now']);
});

function figure(page: Page, name: string) {
  return page.locator('.figures-total').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd');
}

function row(page: Page, region: string) {
  return page.getByRole('region', { name: 'By region' }).getByRole('row').filter({ hasText: region });
}
