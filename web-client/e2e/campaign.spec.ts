import {
  expect, expectState, goTo, join, joinAsFirstAdmin, listed, makeInvite, openMe, outboxItem, post, say, send, test, titles, write,
} from './test.ts';

test('a campaign goes on through a crash without a gap or a repeat', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  await post(campaign, admin, { title: 'First', body: 'Before anyone was there.' });

  const phone = await open('phone');
  await join(phone, invite);
  await expect(phone).toHaveURL(`${holdfast.origin}/`);
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(['First']);

  await post(campaign, admin, { title: 'Second', body: 'Seen live.' });
  await expect(titles(phone)).toHaveText(['Second', 'First']);

  await holdfast.kill();
  await expectState(admin, 'Offline');
  await expectState(phone, 'Offline');
  await expect(titles(phone)).toHaveText(['Second', 'First']);
  await write(admin, { title: 'Third', body: 'Written while the service was away.' });
  await send(admin);
  await expect(outboxItem(admin, 'Third')).toContainText('waiting to be handed over');

  await holdfast.start();
  await expectState(admin, 'Live');
  await expectState(phone, 'Live');
  await expect(outboxItem(admin, 'Third')).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  await expect(outboxItem(admin, 'Third')).toContainText('Sent:');
  await post(campaign, admin, { title: 'Fourth', body: 'After the crash.' });

  const all = ['Fourth', 'Third', 'Second', 'First'];
  await expect(titles(phone)).toHaveText(all);
  await goTo(admin, 'Bulletins');
  await expect(listed(admin)).toHaveText(all);

  await phone.reload();
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(all);
});

test('crashes while posts are on their way neither lose nor double one', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');

  const posted: string[] = [];
  for (const round of ['One', 'Two']) {
    for (const step of ['before', 'during', 'after']) {
      const title = `${round} ${step}`;
      posted.unshift(title);
      await write(admin, { title, body: 'Once, whatever happens.' });
      // Nobody waits for an answer, so the crash comes before, while or after the post is stored.
      await Promise.all([send(admin), step === 'during' ? holdfast.kill() : null]);
    }
    await holdfast.start();
  }
  await expect(async () => {
    await campaign.approvesAll();
    await expect(titles(phone)).toHaveText(posted, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await expectState(phone, 'Live');
  await phone.reload();
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(posted);
});

test('what is posted while a reader is away is marked as new', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  await say(campaign, { title: 'Seen', body: 'Read before leaving.' });

  const phone = await open('phone');
  await phone.goto(holdfast.origin);
  await join(phone, invite);
  await expect(titles(phone)).toHaveText(['Seen']);
  await expectState(phone, 'Live');
  await expect(phone.getByText('new since you left')).toHaveCount(0);
  await phone.goto('about:blank');
  await say(campaign, { title: 'Missed', body: 'One.' });
  await say(campaign, { title: 'Missed too', body: 'Two.' });

  await phone.goto(holdfast.origin);
  await expect(titles(phone)).toHaveText(['Missed too', 'Missed', 'Seen']);
  await expect(phone.getByText('2 new since you left')).toBeVisible();
  await say(campaign, { title: 'Watched', body: 'Three.' });
  await expect(titles(phone)).toHaveText(['Watched', 'Missed too', 'Missed', 'Seen']);
  await expect(phone.getByText('2 new since you left')).toBeVisible();
});

test('a bulletin is read in the language of the reader', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await say(campaign, { title: 'Only English', body: 'Text.' });
  await say(campaign, { title: 'Both', body: 'See https://example.org/both.' }, { title: 'Y ddwy', body: 'Testun.' });
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expect(titles(phone)).toHaveText(['Both', 'Only English']);
  await expect(phone.getByRole('link', { name: 'https://example.org/both' })).toHaveAttribute('rel', /noopener/);

  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(phone.locator('html')).toHaveAttribute('lang', 'cy');
  await expect(phone.getByRole('heading', { level: 1, name: 'Bwletinau' })).toBeVisible();
  await expect(titles(phone)).toHaveText(['Y ddwy', 'Only English']);
  await expect(phone.getByText('Yn Saesneg yn unig')).toBeVisible();
  await phone.reload();
  await expect(titles(phone)).toHaveText(['Y ddwy', 'Only English']);
});

test('a live bulletin is seen in both tabs of one browser, once in each', async ({ campaign, holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  const second = await phone.context().newPage();
  await second.goto(holdfast.origin);
  await expectState(second, 'Live');

  await say(campaign, { title: 'First', body: 'For every tab.' });
  await say(campaign, { title: 'Second', body: 'For every tab too.' });
  for (const tab of [phone, second]) await expect(titles(tab)).toHaveText(['Second', 'First']);
  for (const tab of [phone, second]) await tab.reload();
  for (const tab of [phone, second]) await expect(titles(tab)).toHaveText(['Second', 'First']);
});

test('signing out in one tab ends the other one as well', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  const second = await phone.context().newPage();
  await second.goto(holdfast.origin);
  await expectState(second, 'Live');

  await openMe(phone);
  await phone.getByRole('button', { name: 'Sign out of this device' }).click();
  await phone.getByRole('group', { name: 'Sign out of this device' }).getByRole('button', { name: 'Sign out', exact: true }).click();
  for (const tab of [phone, second]) {
    await expect(tab.getByRole('heading', { name: 'This device has not joined' })).toBeVisible({ timeout: 30_000 });
  }
});
