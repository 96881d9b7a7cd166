import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import type { KeyKeeper } from './key_keeper.ts';
import { check, shoot } from './looks.ts';
import { publish, test, warning, welsh } from './signed_campaign.ts';
import { makeKey, upload } from './signing.ts';
import { StoredLog, type StoredPublication } from './stored_log.ts';
import { expect, expectState, join, joinAsFirstAdmin, openMe, outboxItem, send, titles, write } from './test.ts';

test('two organisers sign, a phone says who, and what somebody does in the store is flagged', async ({ campaign, holdfast, keeper, open, redis }) => {
  const [ana, ben] = [await open('desktop'), await open('desktop')];
  await joinAsFirstAdmin(ana, holdfast);
  await join(ben, await campaign.invites(['approver']));
  await expectState(ben, 'Live');
  await keeper.names('Ana Lewis', await makeKey(ana), 'sender');
  const older = await readFile(keeper.manifest, 'utf8');
  await keeper.names('Ben Moss', await makeKey(ben), 'approver');
  await upload(ana, keeper, 'May sign from now on: Ana Lewis – sender – all regions');
  await expect(ana.getByText('It is on the list: Ana Lewis – sender – all regions.')).toBeVisible();
  await check(ana, 'trust console');

  const link = await campaign.invites(['activist']);
  expect(link).toMatch(/#[^~]+~[\w-]{43}$/);
  const phone = await open('phone');
  await join(phone, link);
  await expectState(phone, 'Live');

  const id = await publish(ana, ben, 'Come to the pier');
  const card = phone.getByRole('article').filter({ hasText: 'Come to the pier' });
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();
  await card.getByText('Signed by Ana Lewis').click();
  await expect(card.getByText('Ben Moss – approver – all regions')).toBeVisible();
  await expect(phone.getByRole('alert').filter({ hasText: 'Warning' })).toHaveCount(0);
  await check(phone, 'trust signed');
  await shoot(phone, 'trust-signed-phone');
  await welsh(phone, async () => check(phone, 'trust signed in Welsh'));
  await phone.reload();
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();
  // The words of the chip above are as long as they are.
  expect((await shifted(phone)).filter((what) => !what.includes('chip'))).toEqual([]);
  // It is kept: without a connection, after a new start, the same is said.
  await holdfast.kill();
  await phone.reload();
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();
  await holdfast.start();
  await publish(ana, ben, 'Bring water');
  await expect(phone.getByRole('article').filter({ hasText: 'Bring water' }).getByText('Signed by Ana Lewis')).toBeVisible();

  await openMe(phone);
  await phone.getByRole('link', { name: 'Trust' }).click();
  await expect(phone.getByText(/It came with the link by which you joined/)).toBeVisible();
  expect((await phone.getByRole('list', { name: "The campaign's key" }).getByRole('listitem').allTextContents()).join(' ')).toBe(printedGroups(keeper));
  await expect(phone.getByRole('listitem').filter({ hasText: 'Ben Moss' })).toContainText('approver');
  await check(phone, 'trust me');

  await holdfast.kill();
  const log = new StoredLog(redis, 'bulletins:all');
  const kept = await log.read();
  await log.write([...kept.map((each) => (each.data['id'] === id ? altered(each) : each)), forged(kept)]);
  await holdfast.start();
  await phone.goto(holdfast.origin);
  // What was read before was signed, and stays; what was put in is not.
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();
  await expect(warning(phone, 'Everybody go home')).toContainText('Nobody signed this');
  await expect(phone.locator('.pin .trust-bad')).toContainText('do not act on this');

  const late = await open('phone');
  await join(late, await campaign.invites(['activist']));
  await expect(titles(late)).toHaveText(['Everybody go home', 'Bring water', 'Stay away from the pier']);
  await expect(warning(late, 'Stay away from the pier')).toContainText('Somebody changed this after it was signed');
  await expect(warning(late, 'Everybody go home')).toContainText('Ask an organiser by another way');
  await expect(late.getByRole('article').filter({ hasText: 'Bring water' }).getByText('Signed by Ana Lewis')).toBeVisible();
  await check(late, 'trust bad');
  await shoot(late, 'trust-bad-phone');
  await welsh(late, async () => check(late, 'trust bad in Welsh'));

  // Who holds the service offers the list of before somebody was named, or taken off it.
  await late.route('**/v1/trust', async (route) => route.fulfill({ contentType: 'application/json', body: older }));
  await late.reload();
  await expect(late.getByRole('alert').filter({ hasText: 'an older list of organisers than this phone has' })).toBeVisible();
  await expect(late.getByRole('article').filter({ hasText: 'Bring water' }).getByText('Signed by Ana Lewis')).toBeVisible();
  await check(late, 'trust rolled back');
});

test('who came by a link without a key compares it once, and another campaign’s link is shown loudly', async ({ campaign, holdfast, keeper, open }) => {
  const phone = await open('phone');
  const link = await campaign.invites(['activist']);
  await join(phone, link);
  await expectState(phone, 'Live');
  const [ana, ben] = [await open('desktop'), await open('desktop')];
  await joinAsFirstAdmin(ana, holdfast);
  await join(ben, await campaign.invites(['approver']));
  await expectState(ben, 'Live');
  // Whoever has no key is told so before they hand anything in, once there is a list.
  await keeper.names('Ben Moss', await makeKey(ben), 'approver');
  await upload(ana, keeper, 'It is the first list');
  await write(ana, { title: 'Come', body: 'Now.' });
  await expect(ana.getByText('This browser has no key, so it cannot sign.')).toBeVisible();
  await send(ana);
  await expect(outboxItem(ana, 'Come')).toContainText('This browser has no key');
  await outboxItem(ana, 'Come').getByRole('button', { name: 'Back to the desk' }).click();
  await keeper.names('Ana Lewis', await makeKey(ana), 'sender');
  await upload(ana, keeper, 'May sign from now on: Ana Lewis');
  await publish(ana, ben, 'Come to the pier');

  const card = phone.getByRole('article').filter({ hasText: 'Come to the pier' });
  await expect(card.getByText('cannot be sure whose list')).toBeVisible();
  await card.getByRole('link', { name: 'Compare it once' }).click();
  await check(phone, 'trust compare');
  await phone.getByRole('button', { name: 'Each group is the same' }).click();
  await phone.getByRole('button', { name: 'Yes, they are the same' }).click();
  await expect(phone.getByText(/You compared it on/)).toBeVisible();
  await phone.goto(`${holdfast.origin}/`);
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();

  const next = await campaign.invites(['activist']);
  await join(phone, next.replace(/~.*/, `~${'A'.repeat(43)}`));
  await expect(phone.getByRole('alert').filter({ hasText: 'belongs to another campaign' })).toBeVisible();
  await check(phone, 'trust alarm');
});

/** What of the page has jumped since it was opened. */
async function shifted(page: Page): Promise<string[]> {
  return page.evaluate(
    async () =>
      new Promise<string[]>((told) => {
        const jumped: string[] = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
            const names = entry.sources.map(({ node }) => (node instanceof Element ? `${node.tagName} ${node.className}` : 'text'));
            if (!entry.hadRecentInput) jumped.push(names.join(', '));
          }
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => told(jumped)));
      }),
  );
}

function altered({ data, ...rest }: StoredPublication): StoredPublication {
  return { ...rest, data: { ...data, texts: { en: { title: 'Stay away from the pier', body: 'At noon.' } } } };
}

/** Urgent, in nobody's name. */
function forged(kept: readonly StoredPublication[]): StoredPublication {
  const id = `b${'0'.repeat(31)}`;
  const timeMs = Math.max(...kept.map((each) => each.timeMs)) + 1;
  return { key: id, timeMs, data: { id, kind: 'alert', urgency: 'urgent', texts: { en: { title: 'Everybody go home', body: 'It is over.' } } } };
}

function printedGroups(keeper: KeyKeeper): string {
  return /(?:[\w-]{4} ){10}[\w-]{3}/.exec(keeper.printed)?.[0] ?? '';
}
