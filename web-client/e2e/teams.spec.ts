import type { Page } from '@playwright/test';
import type { CampaignApi } from './campaign_api.ts';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, test, titles } from './test.ts';

test('members of a team talk, also over a time without a connection, and nobody else reads it', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const leaflets = await invite(campaign, ['leaflets', 'press']);
  const [ann, bob] = [await open('phone'), await open('phone')];
  for (const phone of [ann, bob]) {
    await join(phone, leaflets);
    await expectState(phone, 'Live');
    await phone.waitForLoadState('networkidle');
  }
  await go(ann, 'Teams');
  await expect(ann.getByRole('link', { name: /Leaflets/ })).toContainText('Nobody has written yet');
  await check(ann, 'teams');
  await ann.getByRole('link', { name: /Leaflets/ }).click();
  await expect(ann.getByRole('heading', { level: 1, name: 'Leaflets' })).toBeVisible();
  await check(ann, 'team empty');
  await write(ann, 'Who has the keys of the hall?');
  await expect(said(ann, 'Who has the keys')).toContainText('You');

  const teams = bob.getByRole('navigation').getByRole('link', { name: /Teams/ });
  await expect(teams).toContainText('1 new');
  await expect(bob.getByRole('heading', { name: 'No bulletins yet' })).toBeVisible();
  await go(bob, 'Teams');
  await expect(bob.getByRole('link', { name: /Leaflets/ })).toContainText('1 new message');
  await check(bob, 'teams with something new');
  await bob.getByRole('link', { name: /Leaflets/ }).click();
  await expect(said(bob, 'Who has the keys')).toContainText('Member');
  await expect(teams).not.toContainText('new');

  await bob.context().setOffline(true);
  await write(bob, 'I do. See https://example.org/hall');
  await expect(said(bob, 'I do.')).toContainText('Kept on this device');
  await check(bob, 'team offline');
  await bob.context().setOffline(false);
  await expect(said(ann, 'I do.')).toContainText('Member', { timeout: 60_000 });
  await expect(said(bob, 'I do.')).not.toContainText('Kept on this device');
  await expect(bob.getByRole('log').getByRole('article')).toHaveCount(2);

  await campaign.sends({ audience: { teams: ['leaflets'] }, texts: { en: { title: 'Leaflets have come', body: 'At the hall.' }, cy: { title: 'Mae’r taflenni wedi dod', body: 'Yn y neuadd.' } } });
  await expect(ann.getByText('A bulletin for this team:')).toBeVisible();
  await go(ann, 'Bulletins');
  await expect(titles(ann)).toHaveText(['Leaflets have come']);
  await ann.reload();
  await expectState(ann, 'Live');
  await go(ann, 'Teams');
  await ann.getByRole('link', { name: /Leaflets/ }).click();
  await expect(ann.getByRole('log').getByRole('article')).toHaveCount(2);
  await ann.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(said(ann, 'Who has the keys')).toContainText('Chi');
  await check(ann, 'team in Welsh');
});

test('who is in one team is in it at once, and who is in none is told how to come into one', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const one = await open('phone');
  await join(one, await invite(campaign, ['stalls'], ['observer']));
  await expect(one).toHaveURL(/\/console/);
  await one.goto(holdfast.origin);
  await expectState(one, 'Live');
  await go(one, 'Teams');
  await expect(one.getByRole('heading', { level: 1, name: 'Stalls' })).toBeVisible();
  await expect(one.getByText('Your role lets you read here, not write.')).toBeVisible();
  await check(one, 'team to read only');

  const none = await open('phone');
  await join(none, await invite(campaign, []));
  await expectState(none, 'Live');
  await go(none, 'Teams');
  await expect(none.getByRole('heading', { name: 'You are in no team yet' })).toBeVisible();
  await check(none, 'no team');
});

async function invite(campaign: CampaignApi, teams: readonly string[], roles: readonly string[] = ['activist']): Promise<string> {
  const wish = { roles, regions: [], teams, max_uses: 10, expires_in_s: 3_600 };
  const made: unknown = await campaign.asks('admin', 'POST', '/v1/invites', wish);
  return (made as { link: string }).link;
}

async function go(page: Page, name: 'Bulletins' | 'Teams'): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click();
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your message to Leaflets' }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

function said(page: Page, text: string) {
  return page.getByRole('log').getByRole('article').filter({ hasText: text });
}
