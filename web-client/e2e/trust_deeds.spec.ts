import type { Page } from '@playwright/test';
import type { Holdfast } from './holdfast.ts';
import { check, shoot } from './looks.ts';
import type { CampaignApi } from './campaign_api.ts';
import type { KeyKeeper } from './key_keeper.ts';
import { publish, test, warning, welsh } from './signed_campaign.ts';
import { handIn, makeKey, upload } from './signing.ts';
import { StoredLog, type StoredPublication } from './stored_log.ts';
import { expect, expectState, join, joinAsFirstAdmin, titles } from './test.ts';

type Open = (viewport: 'desktop' | 'phone') => Promise<Page>;

test('a phone says who took a bulletin back, and that nobody did when somebody puts that into the store', async ({ campaign, holdfast, keeper, open, redis }) => {
  const { ana, ben, phone } = await signedCampaign(campaign, holdfast, keeper, open);
  const taken = await publish(ana, ben, 'Come to the pier');
  const kept = await publish(ana, ben, 'Bring water');
  const lent = await publish(ana, ben, 'Wear boots');
  await expect(titles(phone)).toHaveText(['Wear boots', 'Bring water', 'Come to the pier']);

  // Who wrote it and who takes it back are two, and one of them is enough.
  await lookAt(ben, taken);
  await ben.getByRole('button', { name: 'Withdraw it', exact: true }).click();
  const asked = ben.getByRole('group', { name: 'Take it back on every screen?' });
  await expect(asked.getByText('This browser signs it with your key.')).toBeVisible();
  await expect(asked).toContainText('Withdrawn: Come to the pier');
  await check(ben, 'withdraw signed');
  await asked.getByRole('button', { name: 'Yes, withdraw it' }).click();
  await expect(ben.getByText('It is withdrawn.')).toBeVisible();
  const card = phone.getByRole('log').getByRole('article').filter({ hasText: 'Come to the pier' });
  await expect(card.getByText('Taken back, signed by Ben Moss')).toBeVisible();
  await expect(card.getByText('Signed by Ana Lewis')).toBeVisible();
  await expect(card).toContainText('This bulletin was withdrawn. Do not rely on it.');
  await card.getByText('Taken back, signed by Ben Moss').click();
  await expect(card.getByText('Nobody else. One person was enough for it.')).toBeVisible();
  await expect(phone.getByRole('alert').filter({ hasText: 'Warning' })).toHaveCount(0);
  await check(phone, 'withdrawn signed');
  await shoot(phone, 'withdrawn-signed-phone');
  await welsh(phone, async () => check(phone, 'withdrawn signed in Welsh'));

  await inTheStore(holdfast, new StoredLog(redis, 'bulletins:all'), (log) => {
    const own = find(log, `${taken}.withdrawn`);
    return [...log, withdrawal(kept, 'Bring water', log, 1), { ...withdrawal(lent, 'Wear boots', log, 2), data: { ...own.data, id: `${lent}.withdrawn`, references: [{ id: lent, how: 'withdraws' }] } }];
  });
  for (const each of [phone, await late(campaign, open)]) {
    await each.goto(holdfast.origin);
    await expectState(each, 'Live');
    await expect(warning(each, 'Bring water')).toContainText('Nobody signed this');
    await expect(warning(each, 'Bring water')).toContainText('This is about the words that take the bulletin back, not about the bulletin.');
    await expect(warning(each, 'Wear boots')).toContainText('Somebody sent the signed words of another bulletin again');
    // What was said is there to be read, whatever somebody says of it.
    const doubted = each.getByRole('log').getByRole('article').filter({ hasText: 'Bring water' });
    await doubted.getByText('What it said').click();
    await expect(doubted.getByText('At noon.')).toBeVisible();
    await expect(each.getByRole('log').getByRole('article').filter({ hasText: 'Come to the pier' }).getByText('Taken back, signed by Ben Moss')).toBeVisible();
    await expect(warning(each, 'Come to the pier')).toHaveCount(0);
  }
  await check(phone, 'withdrawal forged');
  await shoot(phone, 'withdrawal-forged-phone');
});

test('a phone says that one person alone sent it in an emergency, and does not take the word of the store for it', async ({ campaign, holdfast, keeper, open, redis }) => {
  const { ana, ben, phone } = await signedCampaign(campaign, holdfast, keeper, open);
  const two = await publish(ana, ben, 'Meet at the pier');
  const alone = await handIn(ana, 'Leave the pier', { isUrgent: true });
  await lookAt(ana, alone);
  await ana.getByRole('button', { name: 'Emergency: send it without a second person' }).click();
  await ana.getByLabel('Why it cannot wait').fill('The tide comes in.');
  await check(ana, 'override signed');
  const yes = ana.getByRole('button', { name: 'Send it without a second person', exact: true });
  await yes.click();
  await expect(ana.getByText('Nobody else has checked it.')).toBeVisible();
  await yes.click();
  await expect(ana.getByText('It goes without a second person.')).toBeVisible();

  const card = phone.getByRole('log').getByRole('article').filter({ hasText: 'Leave the pier' });
  await expect(card.getByText('Signed by Ana Lewis alone, in an emergency')).toBeVisible();
  await card.getByText('Signed by Ana Lewis alone, in an emergency').click();
  await expect(card.getByText('Nobody else. It was sent in an emergency by one person.')).toBeVisible();
  await expect(phone.getByRole('region', { name: 'Urgent, not yet seen by you' })).toContainText('Leave the pier');
  await expect(phone.getByRole('alert').filter({ hasText: 'Warning' })).toHaveCount(0);
  const byTwo = phone.getByRole('article').filter({ hasText: 'Meet at the pier' }).getByRole('group');
  await expect(byTwo).toContainText('Signed by Ana Lewis');
  await expect(byTwo).not.toContainText('alone');
  await check(phone, 'override');
  await shoot(phone, 'override-phone');
  await welsh(phone, async () => check(phone, 'override in Welsh'));

  await inTheStore(holdfast, new StoredLog(redis, 'bulletins:all'), (log) => [
    ...log.map((each) => (each.key === two ? withOneSignature(each) : each)),
    overridden(log, 1, 'Everybody go home', undefined),
    overridden(log, 2, 'Burn your lists', find(log, alone).data['signed']),
  ]);
  const other = await late(campaign, open);
  for (const each of [phone, other]) {
    await each.goto(holdfast.origin);
    await expectState(each, 'Live');
    await expect(warning(each, 'Everybody go home')).toContainText('Nobody signed this');
    await expect(warning(each, 'Burn your lists')).toContainText('Somebody sent the signed words of another bulletin again');
    await expect(each.locator('.pin .trust-bad')).toHaveCount(2);
    await expect(card.getByText('Signed by Ana Lewis alone, in an emergency')).toBeVisible();
  }
  // Without the word "override" two have to sign; with it one is enough, and it is said that it was one.
  await expect(warning(other, 'Meet at the pier')).toContainText('Two organisers must agree to such a bulletin, and only one has signed it.');
  await check(other, 'override forged');
  await shoot(other, 'override-forged-phone');
});

/** Two organisers with keys, and a phone that knows whose they are. */
async function signedCampaign(campaign: CampaignApi, holdfast: Holdfast, keeper: KeyKeeper, open: Open): Promise<{ ana: Page; ben: Page; phone: Page }> {
  const [ana, ben] = [await open('desktop'), await open('desktop')];
  await joinAsFirstAdmin(ana, holdfast);
  await join(ben, await campaign.invites(['approver']));
  await expectState(ben, 'Live');
  await keeper.names('Ana Lewis', await makeKey(ana), 'sender');
  await keeper.names('Ben Moss', await makeKey(ben), 'approver');
  await upload(ana, keeper, 'May sign from now on: Ana Lewis');
  return { ana, ben, phone: await late(campaign, open) };
}

async function late(campaign: CampaignApi, open: Open): Promise<Page> {
  const phone = await open('phone');
  await join(phone, await campaign.invites(['activist']));
  await expectState(phone, 'Live');
  return phone;
}

async function lookAt(organiser: Page, id: string): Promise<void> {
  await organiser.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
}

/** While the node is down, somebody writes another log. */
async function inTheStore(holdfast: Holdfast, log: StoredLog, changed: (kept: readonly StoredPublication[]) => readonly StoredPublication[]): Promise<void> {
  await holdfast.kill();
  await log.write(changed(await log.read()));
  await holdfast.start();
}

function find(log: readonly StoredPublication[], id: string): StoredPublication {
  const found = log.find(({ data }) => data['id'] === id);
  if (found === undefined) throw new Error('the log does not have it');
  return found;
}

/** After all that is there. */
function later(log: readonly StoredPublication[], by: number): number {
  return Math.max(...log.map(({ timeMs }) => timeMs)) + by;
}

/** Just what the service says when an organiser takes a bulletin back, in nobody's name. */
function withdrawal(of: string, title: string, log: readonly StoredPublication[], by: number): StoredPublication {
  const id = `${of}.withdrawn`;
  const texts = { en: { title: `Withdrawn: ${title}`, body: 'This bulletin was withdrawn. Do not rely on it.' } };
  return { key: id, timeMs: later(log, by), data: { id, kind: 'cancel', urgency: 'normal', texts, references: [{ id: of, how: 'withdraws' }] } };
}

/** Urgent, sent by one in an emergency, if one believes the store. */
function overridden(log: readonly StoredPublication[], n: number, title: string, signed: unknown): StoredPublication {
  const id = `b${String(n).padStart(32, '0').slice(1)}`;
  const texts = { en: { title, body: 'It is over.' } };
  const said = { id, kind: 'alert', urgency: 'urgent', texts, override: true };
  return { key: id, timeMs: later(log, n), data: signed === undefined ? said : { ...said, signed } };
}

function withOneSignature({ data, ...rest }: StoredPublication): StoredPublication {
  const signed = data['signed'] as { statement: string; signatures: readonly unknown[] };
  return { ...rest, data: { ...data, signed: { ...signed, signatures: signed.signatures.slice(0, 1) } } };
}
