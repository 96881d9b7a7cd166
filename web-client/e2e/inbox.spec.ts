import type { Page } from '@playwright/test';
import type { CampaignApi } from './campaign_api.ts';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, test, titles } from './test.ts';

const BULLETIN = {
  texts: {
    en: { title: 'Stewards wanted on Saturday', body: 'Two hours, with tea. Reply if you can.' },
    cy: { title: 'Angen stiwardiaid ddydd Sadwrn', body: 'Dwy awr, gyda the. Atebwch os gallwch.' },
  },
};

test('a reply that was written offline survives the app, is sent when there is a way, and is answered', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  let phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await campaign.sends(BULLETIN);
  await expect(titles(phone)).toHaveText([BULLETIN.texts.en.title]);

  // All that the app consists of is there before the connection goes.
  await phone.waitForLoadState('networkidle');
  await phone.context().setOffline(true);
  await phone.getByRole('link', { name: 'Reply to the organisers' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: `About: ${BULLETIN.texts.en.title}` })).toBeVisible();
  await expect(field(phone)).toBeFocused();
  await expect(phone.getByText('The organisers read this. Nobody else does.')).toBeVisible();
  await field(phone).fill('I can come from ten.');
  await phone.getByRole('button', { name: 'Send' }).click();
  await expect(said(phone, 'I can come from ten.')).toContainText('Kept on this device');
  await field(phone).fill('And I bring');
  await check(phone, 'thread offline');

  // Closed and opened again where the service still does not answer.
  const context = phone.context();
  await phone.close();
  await context.route('**/v1/**', async (route) => route.abort());
  await context.setOffline(false);
  phone = await context.newPage();
  await phone.goto(`${holdfast.origin}/#inbox`);
  await expect(phone.getByRole('link', { name: /About: Stewards wanted/ })).toContainText('1 not sent yet');
  await check(phone, 'inbox with something unsent');
  await phone.getByRole('link', { name: /About: Stewards wanted/ }).click();
  await expect(said(phone, 'I can come from ten.')).toContainText('Kept on this device');
  await expect(field(phone)).toHaveValue('And I bring');
  await context.unroute('**/v1/**');
  await expect(said(phone, 'I can come from ten.')).not.toContainText('Kept on this device', { timeout: 40_000 });
  const conversation = await only(campaign);
  expect(conversation.texts).toHaveLength(1);

  await phone.getByRole('navigation').getByRole('link', { name: 'Bulletins', exact: true }).click();
  await campaign.asks('sender', 'POST', `/v1/inbox/${conversation.id}/answers`, { text: 'Good. Meet Sian at the gate.' });
  const inboxLink = phone.getByRole('navigation').getByRole('link', { name: /Inbox/ });
  await expect(inboxLink).toContainText('1 new');
  await expect(titles(phone).first()).toHaveText('The organisers answered you');
  await check(phone, 'feed with an answer');
  await phone.getByRole('link', { name: 'Read the answer' }).click();
  await expect(said(phone, 'Good. Meet Sian at the gate.')).toContainText('The organisers');
  await expect(inboxLink).not.toContainText('new');
  await check(phone, 'thread answered');
  await phone.reload();
  await expect(said(phone, 'Good. Meet Sian at the gate.')).toBeVisible();
  await expect(inboxLink).not.toContainText('new');

  await context.route('**/v1/**', async (route) => route.abort());
  await phone.reload();
  await expect(said(phone, 'Good. Meet Sian at the gate.')).toBeVisible();
  await context.unroute('**/v1/**');
});

test('a new conversation is begun, refused words are kept, and all reads in Welsh', async ({ holdfast, campaign, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await phone.getByRole('navigation').getByRole('link', { name: 'Inbox' }).click();
  await expect(phone.getByRole('heading', { name: 'You have not written yet' })).toBeVisible();
  await check(phone, 'inbox empty');
  await phone.getByRole('link', { name: 'Write to the organisers' }).click();
  for (let n = 1; n <= 21; n += 1) {
    await field(phone).fill(`Question ${n}`);
    await phone.getByRole('button', { name: 'Send' }).click();
  }
  await expect(said(phone, 'Question 21')).toContainText('Refused: you have written 20 times', { timeout: 60_000 });
  await check(phone, 'thread refused');
  const conversation = await only(campaign);
  await campaign.asks('sender', 'POST', `/v1/inbox/${conversation.id}/answers`, { text: 'One at a time!' });
  await expect(said(phone, 'One at a time!')).toBeVisible();
  await said(phone, 'Question 21').getByRole('button', { name: 'Send again' }).click();
  await expect(said(phone, 'Question 21')).not.toContainText('Refused');

  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(phone.getByRole('heading', { level: 1, name: "Chi a'r trefnwyr" })).toBeVisible();
  await field(phone).fill('x'.repeat(2_001));
  await expect(phone.getByText('1 nod yn ormod')).toBeVisible();
  await check(phone, 'thread in Welsh');
  await phone.getByRole('link', { name: 'Mewnflwch' }).first().click();
  await check(phone, 'inbox in Welsh');
  await phone.goto(`${holdfast.origin}/#inbox/nothing`);
  await expect(phone.getByRole('heading', { name: 'Nid oes dim yma' })).toBeVisible();
});

function field(page: Page) {
  return page.getByRole('textbox', { name: 'Your message' }).or(page.getByRole('textbox', { name: 'Eich neges' }));
}

function said(page: Page, text: string) {
  return page.getByRole('log').getByRole('article').filter({ hasText: text });
}

async function only(campaign: CampaignApi): Promise<{ id: string; texts: readonly unknown[] }> {
  const list: unknown = await campaign.asks('sender', 'GET', '/v1/inbox');
  const [conversation] = (list as { conversations: { id: string; texts: unknown[] }[] }).conversations;
  if (conversation === undefined) throw new Error('there is no conversation');
  return conversation;
}
