import { check } from './looks.ts';
import { expect, goTo, joinAsFirstAdmin, test } from './test.ts';

/** Sooner than the page asks by itself: it was told. */
const TOLD = { timeout: 5_000 };

test('older bulletins come when somebody asks for them', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  for (let n = 1; n <= 52; n += 1) {
    const content = { kind: 'update', urgency: 'normal', audience: {}, texts: { en: { title: `Draft ${n}`, body: 'Words.' } } };
    await campaign.asks('sender', 'POST', '/v1/bulletins', { content });
  }
  await goTo(admin, 'Bulletins');
  const rows = admin.getByRole('table', { name: 'Bulletins' }).getByRole('row').filter({ hasText: 'Draft' });
  await expect(rows).toHaveCount(50);
  await admin.getByRole('button', { name: 'Show older ones' }).click();
  await expect(rows).toHaveCount(52);
  await expect(rows.last()).toContainText('Draft 1');
  await expect(admin.getByRole('button', { name: 'Show older ones' })).toHaveCount(0);
  await check(admin, 'bulletins with older ones');
});

test('an organiser says in the console that they have seen what is urgent', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const id = await campaign.sends({ kind: 'alert', urgency: 'urgent', texts: { en: { title: 'To be seen', body: 'By organisers too.' } } });
  await goTo(admin, 'Bulletins');
  await admin.getByRole('link', { name: 'To be seen' }).click();
  await admin.getByRole('button', { name: 'I have seen this' }).click();
  await expect(admin.getByText('You said that you have seen this.')).toBeVisible();
  await expect
    .poll(async () => (await campaign.asks<{ acknowledged: { total: number } }>('admin', 'GET', `/v1/bulletins/${id}/receipts`)).acknowledged.total, { timeout: 30_000 })
    .toBe(1);
  await check(admin, 'bulletin seen by an organiser');
});

test('a record of an attack is on the page as soon as it is opened', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await admin.getByRole('navigation').getByRole('link', { name: 'Incidents' }).click();
  await expect(admin.getByText('No attack was recorded.')).toBeVisible();
  await campaign.asks('admin', 'PUT', '/v1/posture', { posture: 'under_attack', why: 'An exercise.', expires_in_s: 600 });
  await expect(admin.locator('.row-link')).toBeVisible(TOLD);
});

test('the service checks its own audit when somebody asks it to', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await campaign.invites(['activist']);
  await admin.getByRole('navigation').getByRole('link', { name: 'Audit' }).click();
  await admin.getByRole('button', { name: 'Check now' }).click();
  await expect(admin.getByRole('status').filter({ hasText: 'Nothing is wrong with what was looked at.' })).toBeVisible();
  await expect(admin.getByText('(of the node that answers)')).toBeVisible();
  await check(admin, 'audit checked by the service');
});

test('the last months are in figures: what was sent, and how far it came', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  for (const urgency of ['normal', 'urgent'] as const) {
    await campaign.sends({ kind: 'alert', urgency, texts: { en: { title: `Quite ${urgency}`, body: 'Words.' } } });
  }
  await goTo(admin, 'Bulletins');
  await admin.getByRole('link', { name: 'Quite urgent' }).click();
  await admin.getByRole('button', { name: 'I have seen this' }).click();
  const figures = admin.getByRole('region', { name: 'How far it came' });
  await expect(figures.locator('.figures-acknowledged strong')).toHaveText('1', { timeout: 30_000 });
  await goTo(admin, 'Bulletins');
  await admin.getByRole('link', { name: 'Statistics' }).click();
  const row = admin.getByRole('table', { name: 'Statistics' }).getByRole('row').last();
  await expect(row).toContainText(/^\w+ \d{4}\s*2\s*2\s*100 %\s*100 %$/);

  // Nobody here can wait for another month.
  const earlier = Date.now() - 65 * 86_400_000;
  await admin.route(/\/v1\/bulletins\?/, async (route) => {
    const answer = await route.fetch();
    const list = (await answer.json()) as { bulletins: { sent_at_ms?: number; content: { urgency: string } }[] };
    const bulletins = list.bulletins.map((each) => (each.content.urgency === 'normal' ? { ...each, sent_at_ms: earlier } : each));
    await route.fulfill({ response: answer, json: { ...list, bulletins } });
  });
  await admin.getByRole('link', { name: 'All bulletins' }).click();
  await admin.getByRole('link', { name: 'Statistics' }).click();
  await expect(admin.getByRole('img', { name: /month by month/ })).toBeVisible();
  await expect(row).toContainText(/^\w+ \d{4}\s*1\s*1\s*100 %\s*100 %$/);
  await check(admin, 'statistics');
});
