import type { Locator, Page } from '@playwright/test';
import { check } from './looks.ts';
import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, test } from './test.ts';

/** Sooner than the page asks by itself: it was told. */
const TOLD = { timeout: 4_000 };

test('two organisers share an inbox: one is told at once, takes it, answers and closes it', async ({ holdfast, open }) => {
  const { admin, organiser, phone } = await threePeople(holdfast, open);
  await openInbox(admin);
  await openInbox(organiser);
  await expect(admin.getByText('Nothing is open.')).toBeVisible();
  await check(admin, 'inbox empty');

  await reply(phone, 'Where do I find the leaflets?');
  const item = items(admin).filter({ hasText: 'Where do I find the leaflets?' });
  await expect(item).toBeVisible(TOLD);
  await expect(admin.getByRole('link', { name: 'Inbox 1 unanswered' })).toBeVisible(TOLD);

  await item.click();
  await expect(admin.getByRole('heading', { name: /^Conversation with/ })).toBeFocused();
  await expect(admin).toHaveTitle(/^Conversation with .* – Holdfast Console$/);
  await admin.getByRole('button', { name: 'I see to it' }).click();
  await expect(admin.getByText('It is noted who sees to it.')).toBeVisible();
  await organiser.getByRole('button', { name: 'Nobody\'s' }).click();
  await expect(organiser.getByText('Somebody sees to every open conversation.')).toBeVisible();

  await admin.getByText('Prepared answers').click();
  await admin.getByRole('button', { name: /^Insert: Thank you\. We are looking/ }).click();
  await expect(admin.getByLabel('Your answer')).toHaveValue(/^Thank you\. We are looking/);
  await check(admin, 'inbox conversation');
  await admin.getByLabel('Your answer').fill('At 14 Harbour Street, from 9:30.');
  await admin.getByRole('button', { name: 'Send the answer' }).click();
  await expect(admin.getByText('Your answer is sent.')).toBeVisible();
  await expect(texts(admin)).toHaveCount(2);
  await expect(admin.getByRole('link', { name: 'Inbox', exact: true })).toBeVisible(TOLD);

  await admin.getByRole('button', { name: 'Close it' }).click();
  await expect(admin.getByText('It is closed.')).toBeVisible();
  await organiser.getByRole('button', { name: 'Closed' }).click();
  await expect(items(organiser)).toHaveCount(1);
  await reply(phone, 'Thank you!');
  await organiser.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(items(organiser).filter({ hasText: 'Thank you!' })).toBeVisible(TOLD);
});

test('who answers what somebody else answered meanwhile sees theirs first', async ({ holdfast, open }) => {
  const { admin, organiser, phone } = await threePeople(holdfast, open);
  await reply(phone, 'When does it begin?');
  for (const page of [admin, organiser]) {
    await openInbox(page);
    await items(page).first().click();
    await expect(texts(page)).toHaveCount(1);
  }
  // The admin's page reads nothing until it sends, as on a bad connection: whoever saw the answer before would not be overtaken.
  let hasSent = false;
  await admin.route(/\/v1\/inbox\/[^/?]+(\/answers)?$/, async (route) => {
    hasSent ||= route.request().method() === 'POST';
    return hasSent ? route.continue() : route.abort();
  });
  await organiser.getByLabel('Your answer').fill('At ten.');
  await organiser.getByRole('button', { name: 'Send the answer' }).click();
  await expect(organiser.getByText('Your answer is sent.')).toBeVisible();
  await admin.getByLabel('Your answer').fill('At nine, I think.');
  await admin.getByRole('button', { name: 'Send the answer' }).click();
  await expect(admin.getByRole('alert')).toContainText(/Somebody answered (meanwhile|while you were writing)/);
  await expect(texts(admin).last()).toContainText('At ten.');
  await expect(admin.getByLabel('Your answer')).toHaveValue('At nine, I think.');
  await check(admin, 'inbox overtaken');
  await admin.getByRole('button', { name: 'Send mine as well' }).click();
  await expect(texts(admin)).toHaveCount(3);

  await expect(texts(organiser)).toHaveCount(3);
  // Both handle it at once.
  await admin.route('**/v1/inbox/*', async (route) => route.abort());
  await organiser.getByRole('button', { name: 'I see to it' }).click();
  await expect(organiser.getByText('It is noted who sees to it.')).toBeVisible();
  await admin.unroute('**/v1/inbox/*');
  await admin.getByRole('button', { name: 'Close it' }).click();
  await expect(admin.getByText(/Somebody changed meanwhile who sees to it|It is closed/)).toBeVisible();
});

test('an answer survives a reload and a lost connection, and is given once', async ({ holdfast, open }) => {
  const { admin, phone } = await threePeople(holdfast, open);
  await reply(phone, 'Is it raining?');
  await openInbox(admin);
  await items(admin).first().click();
  await admin.getByLabel('Your answer').fill('Bring a coat.');
  await admin.reload();
  await expect(admin.getByLabel('Your answer')).toHaveValue('Bring a coat.');

  // Taken, and nobody hears of it.
  let tries = 0;
  await admin.route('**/answers', async (route) => {
    tries += 1;
    if (tries > 2) return route.continue();
    if (tries === 2) await route.fetch();
    return route.abort();
  });
  await admin.getByRole('button', { name: 'Send the answer' }).click();
  await expect(admin.getByText('Not sent yet:')).toBeVisible();
  await check(admin, 'inbox unsent');
  await expect(admin.getByText('Your answer is sent.')).toBeVisible({ timeout: 30_000 });
  await expect(texts(admin)).toHaveCount(2);
  await expect(admin.getByLabel('Your answer')).toHaveValue('');
});

test('a complaint says until when it is acknowledged, and is answered before it is closed', async ({ holdfast, open }) => {
  const { admin, phone } = await threePeople(holdfast, open);
  await reply(phone, 'You have my name wrong.', { about: 'complaint' });
  await reply(phone, 'Something else.');
  await openInbox(admin);
  await expect(items(admin)).toHaveCount(2);
  await admin.getByRole('button', { name: 'Complaints' }).click();
  await expect(items(admin)).toHaveCount(1);
  await items(admin).first().click();
  await expect(admin.getByText('To be acknowledged by')).toBeVisible();
  await admin.getByRole('button', { name: 'Close it' }).click();
  await expect(admin.getByRole('alert')).toContainText('A complaint is answered before it is closed');
  await check(admin, 'inbox complaint');
});

test('the inbox is accessible in both languages, on a narrow phone too', { tag: '@long' }, async ({ holdfast, open }) => {
  test.slow();
  const { admin, phone } = await threePeople(holdfast, open);
  await reply(phone, 'See https://holdfast.example/a/very/long/address/that/does/not/end/soon/enough/for/a/narrow/phone please.');
  await openInbox(admin);
  const id = await items(admin).first().getAttribute('href');
  for (const size of [{ width: 1280, height: 800 }, { width: 320, height: 700 }]) {
    await admin.setViewportSize(size);
    for (const language of ['Cymraeg', 'English']) {
      await admin.getByRole('button', { name: language }).click();
      for (const place of ['#inbox', id ?? '']) {
        await admin.evaluate((hash) => (location.hash = hash), place);
        await expect(place === '#inbox' ? items(admin).first() : texts(admin).first()).toBeVisible();
        await check(admin, `inbox ${place === '#inbox' ? 'list' : 'one'} ${language} ${size.width}`);
        expect(await admin.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      }
    }
  }
});

test('the console is found by keyboard, and on a phone the rest is behind More', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await goTo(admin, 'Bulletins');
  await expect(admin.getByRole('heading', { level: 1, name: 'Bulletins' })).toBeFocused();
  await expect(admin).toHaveTitle('Bulletins – Holdfast Console');
  await admin.reload();
  await expectState(admin, 'Live');
  await admin.keyboard.press('Tab');
  await expect(admin.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await admin.keyboard.press('Enter');
  await expect(admin.getByRole('main')).toBeFocused();
  expect(new URL(admin.url()).hash).toBe('#bulletins');

  await admin.setViewportSize({ width: 320, height: 700 });
  await expect(admin.getByRole('link', { name: 'Audit' })).toBeHidden();
  const more = admin.getByRole('button', { name: 'More' });
  await more.click();
  await expect(admin.getByRole('link', { name: 'Audit' })).toBeVisible();
  await check(admin, 'console more');
  await admin.getByRole('button', { name: 'Cymraeg' }).click();
  await check(admin, 'console more Cymraeg');
  await admin.getByRole('button', { name: 'English' }).click();
  await more.focus();
  await admin.keyboard.press('Escape');
  await expect(admin.getByRole('link', { name: 'Audit' })).toBeHidden();
  await expect(more).toBeFocused();
  await more.click();
  await admin.getByRole('link', { name: 'Watch' }).click();
  await expect(admin.getByRole('link', { name: 'Watch' })).toBeHidden();
});

async function threePeople(
  holdfast: Parameters<typeof joinAsFirstAdmin>[1],
  open: (viewport: 'desktop' | 'phone') => Promise<Page>,
): Promise<{ admin: Page; organiser: Page; phone: Page }> {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  const organiser = await open('desktop');
  await join(organiser, await makeInvite(admin, { for: 'Organiser' }));
  await expectState(organiser, 'Live');
  return { admin, organiser, phone };
}

async function openInbox(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#inbox'));
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
}

/** Writes to the organisers as the member whose phone it is. */
async function reply(phone: Page, text: string, more: { about?: 'complaint' } = {}): Promise<void> {
  const status = await phone.evaluate(
    async (body) => {
      const { ticket } = await (await fetch('/v1/admit', { method: 'POST' })).json();
      const headers = { authorization: `Bearer ${ticket}`, 'content-type': 'application/json' };
      return (await fetch('/v1/replies', { method: 'POST', headers, body: JSON.stringify(body) })).status;
    },
    { text, ...more },
  );
  expect(status).toBe(201);
}

function items(page: Page): Locator {
  return page.getByRole('region', { name: 'Conversations' }).or(page.getByRole('region', { name: 'Sgyrsiau' })).getByRole('link');
}

function texts(page: Page): Locator {
  return page.getByRole('log').getByRole('listitem');
}
