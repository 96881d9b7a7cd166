import type { Page } from '@playwright/test';
import type { CampaignApi } from './campaign_api.ts';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, test, titles } from './test.ts';

const text = (title: string, body: string) => ({ title, body });

/** An admin with the console open, and a member on a phone: both have what is sent to everybody. */
async function begin(open: (viewport: 'desktop' | 'phone') => Promise<Page>, holdfast: Parameters<typeof joinAsFirstAdmin>[1]): Promise<Page> {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  return phone;
}

async function counts(campaign: CampaignApi, id: string): Promise<{ received: number; acknowledged: number }> {
  const answer: unknown = await campaign.asks('admin', 'GET', `/v1/bulletins/${id}/receipts`);
  const { received, acknowledged } = answer as Record<'acknowledged' | 'received', { total: number }>;
  return { received: received.total, acknowledged: acknowledged.total };
}

test('an urgent bulletin is received, read with all that goes with it, and acknowledged with one tap', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  const from = Date.now() + 3_600_000;
  const id = await campaign.sends({
    kind: 'alert',
    urgency: 'urgent',
    texts: {
      en: text('Polls close at 10', '**Not** at 9. [Where to vote](https://example.org/vote)\n\n- bring no papers\n- bring a friend'),
      cy: text('Mae’r gorsafoedd yn cau am 10', '**Nid** am 9.'),
    },
    links: [{ url: 'https://example.org/map', label: { en: 'All polling stations', cy: 'Pob gorsaf bleidleisio' } }],
    place: { lat: 53.2274, lon: -4.1293, label: 'Harbour Hall' },
    event: { from, until: from + 7_200_000 },
    expires_at: from + 7_200_000,
  });
  await expect(titles(phone)).toHaveText(['Polls close at 10']);
  const card = phone.getByRole('log').getByRole('article').first();
  await expect(card.getByText('Urgent')).toBeVisible();
  await expect(card.locator('.card-body strong')).toHaveText('Not');
  await expect(card.locator('.card-body li')).toHaveText(['bring no papers', 'bring a friend']);
  await expect(card.getByRole('link', { name: 'Where to vote' })).toHaveAttribute('rel', /noopener/);
  await expect(card.getByRole('link', { name: 'All polling stations' })).toHaveAttribute('href', 'https://example.org/map');
  await expect(card.getByRole('link', { name: 'Open in a map app' })).toHaveAttribute('href', /^geo:53\.2274,-4\.1293/);
  await expect(card.getByText(/^Until /)).toBeVisible();
  const download = phone.waitForEvent('download');
  await card.getByRole('button', { name: 'Add to calendar' }).click();
  expect((await download).suggestedFilename()).toBe('holdfast.ics');

  const pinned = phone.getByRole('region', { name: 'Urgent, not yet seen by you' });
  await expect(pinned).toContainText('Polls close at 10');
  await check(phone, 'feed urgent');
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await check(phone, 'feed urgent in Welsh');
  await phone.getByRole('button', { name: 'English' }).click();

  await expect.poll(() => counts(campaign, id), { timeout: 30_000 }).toEqual({ received: 2, acknowledged: 0 });
  await pinned.getByRole('button', { name: 'I have seen this' }).click();
  await expect(pinned).toHaveCount(0);
  await expect(card.getByText('You said that you have seen this.')).toBeVisible();
  await expect.poll(() => counts(campaign, id), { timeout: 30_000 }).toEqual({ received: 2, acknowledged: 1 });
  await phone.reload();
  await expect(phone.getByText('You said that you have seen this.')).toBeVisible();
  await expect(pinned).toHaveCount(0);
});

test('what is seen without a connection is told when there is one', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  const id = await campaign.sends({ kind: 'alert', urgency: 'urgent', texts: { en: text('Leave the square', 'Now.') } });
  await expect(titles(phone)).toHaveText(['Leave the square']);
  await holdfast.kill();
  await expectState(phone, 'Offline');
  await phone.getByRole('button', { name: 'I have seen this' }).first().click();
  await holdfast.start();
  await expectState(phone, 'Live');
  await expect.poll(() => counts(campaign, id), { timeout: 40_000 }).toEqual({ received: 2, acknowledged: 1 });
});

test('a correction stands where the first was, and a withdrawal says so there', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  const first = await campaign.sends({ kind: 'update', texts: { en: text('Meet at nine', 'At the **library**, at nine.') } });
  await campaign.sends({ kind: 'update', texts: { en: text('Bring water', 'And shoes.') } });
  await campaign.sends({ kind: 'test', texts: { en: text('Sirens', 'Only a trial.') } });
  await expect(titles(phone)).toHaveText(['TEST – Sirens', 'Bring water', 'Meet at nine']);
  await expect(phone.getByText('This is a test. Nothing is happening')).toBeVisible();

  const correction = await campaign.corrects(first, { en: text('Meet at ten', 'At the **library**, at ten.') });
  await expect(titles(phone)).toHaveText(['TEST – Sirens', 'Bring water', 'Meet at ten']);
  const card = phone.getByRole('article').filter({ has: phone.getByRole('heading', { name: 'Meet at ten' }) });
  await expect(card.getByText(/^Corrected \d\d:\d\d$/)).toBeVisible();
  await card.getByText('What changed').click();
  await expect(card.locator('del')).toHaveText(['nine', 'nine']);
  await expect(card.locator('ins')).toHaveText(['ten', 'ten']);
  await expect(phone.locator('.aside-note')).toContainText('Meet at ten');
  await check(phone, 'feed corrected');

  await campaign.withdraws(correction);
  await expect(card.getByText(/^Withdrawn \d\d:\d\d$/)).toBeVisible();
  await expect(card.getByText('This bulletin was withdrawn. Do not rely on it.')).toBeVisible();
  await expect(card.getByText('At the library, at ten.')).toBeHidden();
  await card.getByText('What it said').click();
  await expect(card.getByText('At the library, at ten.')).toBeVisible();
  await check(phone, 'feed withdrawn');

  await phone.reload();
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(['TEST – Sirens', 'Bring water', 'Meet at ten']);
  await phone.locator('.aside-note').first().getByRole('button').click();
  await expect(card).toBeFocused();
});

test('a reader chooses a channel, and sees what is unread in the others', async ({ campaign, holdfast, open }) => {
  const phone = await open('phone');
  // The link names the address that the service knows itself by.
  await join(phone, `${holdfast.origin}/join#${(await campaign.invites(['activist'], { regions: ['north'] })).split('#')[1]}`);
  await expectState(phone, 'Live');
  const update = (title: string, audience: object) =>
    campaign.sends({ kind: 'update', texts: { en: text(title, 'Words.') }, audience });
  await update('To all', {});
  await update('To the north', { regions: ['north'] });
  await expect(titles(phone)).toHaveText(['To the north', 'To all']);
  const chips = phone.getByRole('group', { name: 'Which bulletins to show' });
  await chips.getByRole('button', { name: 'North' }).click();
  await expect(titles(phone)).toHaveText(['To the north']);
  await update('To all again', {});
  await expect(chips.getByRole('button', { name: 'Everyone 1 new' })).toBeVisible();
  await expect(titles(phone)).toHaveText(['To the north']);
  await check(phone, 'feed of one channel');
  await chips.getByRole('button', { name: 'All' }).click();
  await expect(titles(phone)).toHaveText(['To all again', 'To the north', 'To all']);
  await expect(chips.getByText('new')).toHaveCount(0);
});

test('what came by two channels is there once, and under both', async ({ campaign, holdfast, open }) => {
  const phone = await open('phone');
  await join(phone, `${holdfast.origin}/join#${(await campaign.invites(['activist'], { regions: ['north', 'south'] })).split('#')[1]}`);
  await expectState(phone, 'Live');
  await campaign.sends({ kind: 'update', texts: { en: text('To both', 'Words.') }, audience: { regions: ['north', 'south'] } });
  await expect(titles(phone)).toHaveText(['To both']);
  const chips = phone.getByRole('group', { name: 'Which bulletins to show' });
  for (const channel of ['North', 'South']) {
    await chips.getByRole('button', { name: channel }).click();
    await expect(titles(phone)).toHaveText(['To both']);
  }
  await phone.reload();
  await chips.getByRole('button', { name: 'South' }).click();
  await expect(titles(phone)).toHaveText(['To both']);
  await chips.getByRole('button', { name: 'North' }).click();
  await expect(titles(phone)).toHaveText(['To both']);
});

test('what was seen in one tab asks to be seen in no other', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  const second = await phone.context().newPage();
  await second.goto(holdfast.origin);
  await expectState(second, 'Live');
  await campaign.sends({ kind: 'alert', urgency: 'urgent', texts: { en: text('Once', 'For every tab.') } });
  const pins = [phone, second].map((tab) => tab.getByRole('region', { name: 'Urgent, not yet seen by you' }));
  for (const pin of pins) await expect(pin).toBeVisible();
  await pins[0]?.getByRole('button', { name: 'I have seen this' }).click();
  for (const pin of pins) await expect(pin).toHaveCount(0);
});

test('bulletins on this device are looked through and saved, also without a connection', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  await campaign.sends({
    kind: 'update',
    texts: { en: text('Leaflets', 'Meet at the **harbour** at ten.'), cy: text('Taflenni', 'Dewch i’r tŷ gwyn erbyn deg.') },
  });
  await campaign.sends({ kind: 'update', texts: { en: text('The march', 'It begins at the castle.') } });
  await expect(titles(phone)).toHaveText(['The march', 'Leaflets']);
  const card = phone.getByRole('log').getByRole('article').filter({ hasText: 'The march' });
  await card.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(card.getByRole('button', { name: 'Save no longer' })).toBeVisible();
  await phone.getByRole('link', { name: 'Search, and what you saved' }).click();
  await expect(phone.getByRole('region', { name: 'Saved' }).getByRole('link', { name: 'The march' })).toBeVisible();
  await check(phone, 'saved');

  await holdfast.kill();
  const query = phone.getByRole('searchbox', { name: 'Words to look for' });
  await query.fill('HARBOUR');
  await expect(phone.getByText('1 bulletin', { exact: true })).toBeVisible();
  await expect(phone.locator('mark')).toHaveText(['harbour']);
  await check(phone, 'search');
  await query.fill('ty');
  await expect(phone.locator('mark')).toHaveText(['tŷ']);
  await query.fill('nowhere');
  await expect(phone.getByText('No bulletin on this device has all of these words.')).toBeVisible();
  await query.fill('leaf');
  await phone.getByRole('link', { name: 'Leaflets' }).click();
  await expect(phone.getByRole('log').getByRole('article').filter({ hasText: 'Leaflets' })).toBeFocused();
  await phone.goBack();
  await expect(query).toHaveValue('leaf');
});

test('a file that goes with a bulletin is loaded when it is asked for', async ({ campaign, holdfast, open }) => {
  const phone = await begin(open, holdfast);
  const file = await campaign.attaches(Buffer.from(PICTURE, 'base64'), 'image/png');
  const asked: string[] = [];
  phone.on('request', (request) => request.url().includes('/v1/attachments/') && asked.push(request.url()));
  await campaign.sends({
    kind: 'update',
    texts: { en: text('The route', 'As a picture.') },
    attachments: [{ ...file, label: { en: 'Map of the route' } }],
  });
  await expect(titles(phone)).toHaveText(['The route']);
  expect(asked).toEqual([]);
  await phone.getByRole('button', { name: /^Show Map of the route, Picture, / }).click();
  await expect(phone.getByRole('img', { name: 'Map of the route' })).toHaveJSProperty('naturalWidth', 1);
  expect(asked).toHaveLength(1);
});

const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
