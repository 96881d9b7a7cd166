import type { Page } from '@playwright/test';
import { Buffer } from 'node:buffer';
import { check } from './looks.ts';
import {
  expect, expectState, goTo, join, joinAsFirstAdmin, listed, makeInvite, outboxItem, send, test, titles, write,
} from './test.ts';

const TEXT = { title: 'Polls close at ten', body: 'Go and vote. Bring nothing.' };
const WELSH = { title: 'Mae’r pleidleisio’n cau am ddeg', body: 'Ewch i bleidleisio. Dewch â dim.' };

test('what one person writes another approves, corrects and withdraws, each in a browser of their own', async ({ campaign, holdfast, open }) => {
  // Three browsers, and each screen is looked at twice.
  test.slow();
  const writer = await open('desktop');
  await joinAsFirstAdmin(writer, holdfast);
  const approver = await open('desktop');
  await join(approver, await campaign.invites(['approver', 'sender']));
  await expectState(approver, 'Live');
  const phone = await open('phone');
  await join(phone, await makeInvite(writer));
  await expectState(phone, 'Live');

  await write(writer, TEXT, WELSH);
  await writer.getByRole('radio', { name: 'Urgent' }).check();
  await expect(writer.getByText('For all 3 members. A second person has to approve it.')).toBeVisible();
  await check(writer, 'compose urgent');
  await send(writer);
  await expect(outboxItem(writer, TEXT.title)).toContainText('Waiting for a second person');
  await outboxItem(writer, TEXT.title).getByRole('link', { name: 'Look at it' }).click();
  await expect(writer.getByText('somebody else has to approve it')).toBeVisible();
  await expect(writer.getByRole('button', { name: 'Approve it' })).toHaveCount(0);
  await check(writer, 'own bulletin');

  await expect(approver.getByRole('link', { name: 'Bulletins 1 to approve' })).toBeVisible();
  await goTo(approver, 'Bulletins');
  await check(approver, 'bulletins to approve');
  await listed(approver).click();
  await expect(approver.getByText('It is for 3 of 3 members.')).toBeVisible();
  await check(approver, 'bulletin to approve');
  await approver.getByRole('button', { name: 'Send it back' }).click();
  await approver.getByRole('button', { name: 'Yes, send it back' }).click();
  await expect(approver.getByText('Say why first.')).toBeVisible();
  await approver.getByLabel('What is wrong with it').fill('It says nothing of where.');
  await check(approver, 'sending back');
  await approver.getByRole('button', { name: 'Yes, send it back' }).click();
  await expect(approver.getByText('You sent it back.')).toBeVisible();

  await expect(writer.getByText('Sent back: “It says nothing of where.”')).toBeVisible();
  await writer.getByRole('link', { name: 'Change it' }).click();
  await expect(writer.getByText('You are changing a bulletin')).toBeVisible();
  await write(writer, { ...TEXT, body: 'Go to your polling station and vote.' }, WELSH);
  await send(writer);
  await expect(outboxItem(writer, TEXT.title).first()).toContainText('Waiting for a second person');

  await expect(approver.getByRole('button', { name: 'Approve it' })).toBeVisible();
  await approver.getByRole('button', { name: 'Approve it' }).click();
  await expect(approver.getByRole('status').filter({ hasText: 'Sent:' })).toBeVisible();
  await expect(titles(phone)).toHaveText([TEXT.title]);

  // The one who approved it finds that it is wrong: one click, and the words are prepared.
  await approver.getByRole('button', { name: 'Correct it' }).click();
  await expect(approver.getByRole('group', { name: 'English' }).getByLabel('Title')).toHaveValue(`Correction: ${TEXT.title}`);
  await send(approver);
  await expect(approver.getByText('Fill in [What is right now] in the English version.')).toBeVisible();
  await expect(approver.getByRole('radio', { name: 'Urgent' })).toBeDisabled();
  await check(approver, 'correcting');
  await write(
    approver,
    { title: 'Correction: polls close at nine', body: 'Polls close at nine, not at ten.' },
    { title: 'Cywiriad: mae’r pleidleisio’n cau am naw', body: 'Am naw, nid am ddeg.' },
  );
  await send(approver);
  await goTo(writer, 'Bulletins');
  await expect(writer.getByRole('link', { name: 'Bulletins 1 to approve' })).toBeVisible();
  await listed(writer).filter({ hasText: 'Correction' }).click();
  await writer.getByRole('button', { name: 'Approve it' }).click();
  await expect(writer.getByRole('status').filter({ hasText: 'Sent:' })).toBeVisible();
  await expect(titles(phone)).toHaveText(['Correction: polls close at nine']);

  await writer.getByRole('button', { name: 'Withdraw it' }).click();
  await expect(writer.getByText('Withdrawn: Correction: polls close at nine')).toBeVisible();
  await check(writer, 'withdrawing');
  await writer.getByRole('button', { name: 'Yes, withdraw it' }).click();
  await expect(writer.getByText('Withdrawn by you')).toBeVisible();
  await expect(phone.getByText('This bulletin was withdrawn. Do not rely on it.')).toBeVisible();
});

test('an emergency goes without a second person, asks twice and says why', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await write(admin, TEXT);
  await send(admin);
  await outboxItem(admin, TEXT.title).getByRole('link', { name: 'Look at it' }).click();
  await admin.getByRole('button', { name: 'Emergency: send it without a second person' }).click();
  await admin.getByLabel('Why it cannot wait').fill('The hall is on fire.');
  await check(admin, 'overriding');
  await admin.getByRole('button', { name: 'Send it without a second person', exact: true }).click();
  await expect(admin.getByText('Nobody else has checked it.')).toBeVisible();
  await expect(admin.getByText('Sent:')).toHaveCount(0);
  await admin.getByRole('button', { name: 'Send it without a second person', exact: true }).click();
  await expect(admin.getByText('Sent by you without a second person')).toContainText('The hall is on fire.');
});

test('a test cannot be mistaken, is counted before it goes, and goes to its team', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const tester = await open('phone');
  await join(tester, await campaign.invites(['activist'], { teams: ['test'] }));
  await expectState(tester, 'Live');
  for (let others = 0; others < 2; others += 1) {
    const other = await open('phone');
    await join(other, await campaign.invites(['activist'], { regions: ['gwynedd'] }));
    await expectState(other, 'Live');
  }

  await write(admin, TEXT, WELSH);
  await admin.getByRole('radio', { name: 'Some of them' }).check();
  await expect(admin.getByText('Name at least one region, team or role.')).toBeVisible();
  await admin.getByRole('combobox', { name: 'Regions' }).fill('gwynedd');
  await admin.getByRole('button', { name: 'Add the region' }).click();
  await expect(admin.getByText(/^2 of 4 members, as of/)).toBeVisible();
  await admin.getByRole('radio', { name: 'Test' }).check();
  await expect(admin.getByRole('heading', { level: 1, name: 'Compose a TEST' })).toBeVisible();
  await expect(admin.getByRole('radio', { name: 'Urgent' })).toHaveCount(0);
  await admin.getByRole('button', { name: 'Send it to the team “test”' }).click();
  await expect(admin.getByText(/^1 of 4 members, as of/)).toBeVisible();
  await expect(admin.getByText('This is a TEST. For 1 of 4 members. Nobody has to approve it.')).toBeVisible();
  await expect(admin.getByRole('region', { name: 'Preview' }).getByRole('heading', { name: `TEST – ${TEXT.title}` })).toBeVisible();
  await check(admin, 'test mode');
  await admin.getByRole('group', { name: 'Language' }).getByRole('button', { name: 'Cymraeg' }).click();
  await expect(admin.getByText('PRAWF yw hwn. Ar gyfer')).toBeVisible();
  await check(admin, 'test mode in Welsh');
  await admin.getByRole('group', { name: 'Iaith' }).getByRole('button', { name: 'English' }).click();

  await admin.getByRole('button', { name: 'Send this TEST' }).click();
  await expect(outboxItem(admin, TEXT.title)).toContainText('Sent:');
  await expect(titles(tester)).toHaveText([`TEST – ${TEXT.title}`]);
});

test('what is scheduled goes by the clock that was meant, and can be cancelled until then', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await write(admin, TEXT);
  await admin.getByLabel('It goes at').fill('2027-05-06T18:00');
  await admin.getByRole('combobox', { name: 'By the clock of' }).selectOption('Europe/London');
  await expect(admin.getByText('It goes at 2027-05-06 18:00, Europe/London.')).toBeVisible();
  await send(admin);
  await expect(outboxItem(admin, TEXT.title)).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  await expect(outboxItem(admin, TEXT.title)).toContainText('Scheduled: 2027-05-06 18:00, Europe/London');
  await outboxItem(admin, TEXT.title).getByRole('link', { name: 'Look at it' }).click();
  await expect(admin.getByText('It goes: 2027-05-06 18:00, Europe/London (here: 6 May 2027, 18:00).')).toBeVisible();
  await check(admin, 'scheduled');
  await admin.getByRole('button', { name: 'Cancel it' }).click();
  await admin.getByRole('button', { name: 'Yes, cancel it' }).click();
  await expect(admin.getByRole('status').filter({ hasText: 'Cancelled, never sent' })).toBeVisible();
  await expect(admin.getByText('Nothing more can be done to it.')).toBeVisible();
});

test('what goes with a bulletin is kept while it is written, and comes with it', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await goTo(admin, 'Compose');
  await admin.getByRole('button', { name: 'The meeting point has moved' }).click();
  await send(admin);
  await expect(admin.getByText('Fill in [new place] in the English version.')).toBeVisible();
  await write(admin, TEXT, WELSH);
  await admin.getByText('Links, place, times, files').click();
  await admin.getByRole('button', { name: 'Add a link' }).click();
  await admin.getByLabel('Address').fill('https://holdfast.example/where');
  await admin.getByRole('group', { name: 'Link 1' }).getByLabel('What is there, in English').fill('Where to vote');
  await admin.getByLabel('What is there', { exact: true }).fill('Harbour Hall');
  await admin.getByLabel('Latitude').fill('53.14');
  await admin.getByLabel('Longitude').fill('-4.27');
  await admin.getByLabel('It begins').fill('2027-05-06T07:00');
  await admin.getByLabel('The bulletin is over').fill('2027-05-06T22:00');
  await admin.getByLabel('Attach a file').setInputFiles({ name: 'words.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await expect(admin.getByText('words.txt is neither a JPEG or PNG picture nor a PDF file.')).toBeVisible();
  await admin.getByLabel('Attach a file').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: DOT });
  await admin.getByRole('group', { name: 'dot.png' }).getByLabel('What it shows, in English').fill('The door');
  await check(admin, 'compose with everything');

  await admin.reload();
  await expectState(admin, 'Live');
  await expect(admin.getByLabel('Address')).toHaveValue('https://holdfast.example/where');
  await expect(admin.getByRole('group', { name: 'dot.png' }).getByLabel('What it shows, in English')).toHaveValue('The door');
  await send(admin);
  await expect(outboxItem(admin, TEXT.title)).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expect(titles(phone)).toHaveText([TEXT.title]);
  await expect(phone.getByRole('link', { name: /Where to vote/ })).toBeVisible();
  await expect(phone.getByText('Harbour Hall').first()).toBeVisible();
});

test('who was overtaken sees the newest, and what is refused goes back to the desk', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await write(admin, TEXT);
  await send(admin);
  await outboxItem(admin, TEXT.title).getByRole('link', { name: 'Look at it' }).click();
  const id = new URL(admin.url()).hash.split('/')[1] ?? '';
  await admin.getByRole('link', { name: 'Change it' }).click();
  await write(admin, { ...TEXT, title: 'Polls close at eleven' });
  const { revision, content } = await campaign.asks('admin', 'GET', `/v1/bulletins/${id}`);
  await campaign.asks('sender', 'PUT', `/v1/bulletins/${id}`, { revision, content: { ...content, texts: { en: { title: 'Theirs', body: 'Other words.' } } } });
  await send(admin);
  const item = outboxItem(admin, 'Polls close at eleven');
  await expect(item).toContainText('somebody else changed it meanwhile');
  await check(admin, 'refused');
  await item.getByRole('button', { name: 'Back to the desk' }).click();
  await expect(admin.getByRole('group', { name: 'English' }).getByLabel('Title')).toHaveValue('Polls close at eleven');
  await expect(item).toHaveCount(0);
  // Whoever has seen the newest may say the same again.
  await send(admin);
  await expect(item).toContainText('Waiting for a second person');

  await openBulletin(admin, id);
  await admin.getByRole('button', { name: 'Cancel it' }).click();
  await campaign.asks('sender', 'POST', `/v1/bulletins/${id}/cancel`);
  await admin.getByRole('button', { name: 'Yes, cancel it' }).click();
  await expect(admin.getByText('Somebody else did something to it meanwhile.')).toBeVisible();
  await expect(admin.getByRole('status').filter({ hasText: 'Cancelled, never sent' })).toBeVisible();
});

test('on a narrow screen nothing hangs over the side, in Welsh, where words are longer', async ({ campaign, holdfast, open }) => {
  const admin = await open('phone');
  await joinAsFirstAdmin(admin, holdfast);
  const id = await campaign.sends({ kind: 'test', texts: { en: TEXT, cy: WELSH } });
  await campaign.asks('sender', 'POST', '/v1/bulletins', { content: { kind: 'alert', texts: { cy: WELSH }, audience: { regions: ['gwynedd'] } } });
  await admin.getByRole('button', { name: 'Cymraeg' }).click();
  await admin.setViewportSize({ width: 320, height: 640 });
  await admin.getByRole('radio', { name: 'Rhai ohonynt' }).check();
  await admin.getByText('Dolenni, lle, amserau, ffeiliau').click();
  await expect(admin.getByLabel('Lledred')).toBeVisible();
  await expectNothingHangsOver(admin);
  await check(admin, 'narrow compose');
  await admin.getByRole('navigation').getByRole('link', { name: 'Bwletinau' }).click();
  await expect(admin.getByRole('table', { name: 'Bwletinau' }).getByRole('link')).toHaveCount(2);
  await expectNothingHangsOver(admin);
  await check(admin, 'narrow bulletins');
  await admin.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
  await expect(admin.getByRole('heading', { name: 'Pa mor bell y daeth' })).toBeVisible();
  await expect(admin.locator('.reach-chart canvas')).toBeVisible();
  await expectNothingHangsOver(admin);
  await check(admin, 'narrow bulletin');
});

async function expectNothingHangsOver(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
}

async function openBulletin(page: Page, id: string): Promise<void> {
  await page.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
  await expect(page.getByRole('link', { name: 'All bulletins' })).toBeVisible();
}

/** A picture of one pixel. */
const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
