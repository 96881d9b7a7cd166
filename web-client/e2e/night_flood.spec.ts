import type { Page } from '@playwright/test';
import type { Watch } from '../src/protocol/api.gen.ts';
import type { CampaignApi } from './campaign_api.ts';
import { Flood } from './flood.ts';
import { KeyKeeper } from './key_keeper.ts';
import { TOLD_WITHIN_MS, testWithPush } from './push_test.ts';
import { approve, handIn, makeKey, upload } from './signing.ts';
import { expect, expectState, join, outboxItem } from './test.ts';

const test = testWithPush(['--delay-target', '20ms', '--workers', '1', '--posture-hold', '5s']).extend<{ keeper: KeyKeeper }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
  keeper: async ({}, use) => {
    const keeper = await KeyKeeper.begin();
    await use(keeper);
    await keeper.remove();
  },
});

test('in a flood one organiser writes and another approves, by passkey, and a phone whose app is closed opens what both signed', async ({
  campaign,
  holdfast,
  keeper,
  open,
  sleeper,
}) => {
  test.setTimeout(300_000);
  const [ana, ben] = [await open('desktop'), await open('desktop')];
  await comesIn(ana, holdfast.firstAdmin);
  await comesIn(ben, await campaign.invites(['approver']));
  await keeper.names('Ana Lewis', await makeKey(ana), 'sender');
  await keeper.names('Ben Moss', await makeKey(ben), 'approver');
  await upload(ana, keeper, 'May sign from now on: Ana Lewis');
  const { page, browser, phone } = await sleeper(await campaign.invites(['activist']));
  await page.close();
  await campaign.asks('admin', 'PUT', '/v1/posture', { posture: 'under_attack', why: 'A flood was announced.', expires_in_s: 600 });

  const flood = Flood.on(holdfast);
  try {
    await expect.poll(async () => isFlooded(campaign), { timeout: 60_000, message: flood.log }).toBe(true);
    const id = await handIn(ana, 'Come to the pier', { isUrgent: true });
    const coming = phone.next(30_000);
    const sentAt = await approve(ben, id);
    const pushed = await coming;
    expect(flood.goesOn, flood.log).toBe(true);
    expect(pushed.at - sentAt).toBeLessThan(TOLD_WITHIN_MS);
    await expect(outboxItem(ana, 'Come to the pier')).toContainText('Sent:');

    await browser.wake(pushed.text);
    await expect.poll(() => browser.shown(), { timeout: 60_000 }).toMatchObject([{ title: 'Urgent bulletin', tag: id, requireInteraction: true }]);
    const address = await browser.tapped();
    const opened = await browser.context.newPage();
    await opened.goto(address ?? '');
    const card = opened.getByRole('article').filter({ hasText: 'Come to the pier' });
    await expect(card.getByText('Signed by Ana Lewis')).toBeVisible({ timeout: 60_000 });
    await card.getByText('Signed by Ana Lewis').click();
    await expect(card.getByText('Ben Moss – approver – all regions')).toBeVisible();
    await expect(opened.getByRole('alert').filter({ hasText: 'Warning' })).toHaveCount(0);
  } finally {
    await flood.stop();
  }
});

/** Joins, and makes a passkey. */
async function comesIn(page: Page, link: string): Promise<void> {
  await join(page, link);
  await expect(page).toHaveURL(/\/console/);
  await expectState(page, 'Live');
}

async function isFlooded(campaign: CampaignApi): Promise<boolean> {
  const { now } = await campaign.asks<Pick<Watch, 'now'>>('admin', 'GET', '/v1/watch');
  return now.waiting.strangers + now.refused.strangers > 100;
}
