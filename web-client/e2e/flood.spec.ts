import { readFile } from 'node:fs/promises';
import { Flood } from './flood.ts';
import { Holdfast } from './holdfast.ts';
import { check, shoot } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, post, test as base, titles } from './test.ts';

/** A machine that is flooded answers in its own time. */
const PATIENCE = { timeout: 45_000 };

const test = base.extend({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
  holdfast: async ({}, use) => {
    const holdfast = await Holdfast.start(['--delay-target', '20ms', '--workers', '1', '--posture-hold', '5s']);
    await use(holdfast);
    await holdfast.remove();
  },
});

test('in a real flood strangers wait, members stay, and who is on duty sees it and writes it down', async ({ campaign, holdfast, open }) => {
  test.setTimeout(240_000);
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const member = await open('phone');
  await join(member, await makeInvite(admin));
  await expectState(member, 'Live');
  await admin.getByRole('navigation').getByRole('link', { name: 'Watch' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'Watch' })).toBeVisible();

  // Whether a node rises by itself depends on how much the machine can take; that strangers wait then does not.
  await campaign.asks('admin', 'PUT', '/v1/posture', { posture: 'under_attack', why: 'A flood was announced.', expires_in_s: 600 });
  const flood = Flood.on(holdfast);
  try {
    const situation = admin.locator('.situation');
    await expect(situation, flood.log).toContainText('An admin ordered the level Under attack.', PATIENCE);
    await expect(situation).toContainText('Strangers wait', PATIENCE);
    await expect(admin.getByText('By itself this node would be at')).toBeVisible();

    const stranger = await open('phone');
    await stranger.goto(holdfast.origin, PATIENCE);
    await expect(stranger.getByRole('heading', { name: 'Many people are coming in. You have a place.' })).toBeVisible();
    await expect(stranger.getByText(/You are number [\d,]+\. .*(minute|hour)/)).toBeVisible();
    await shoot(stranger, 'app-waiting-phone-en-light');

    await check(admin, 'watch while flooded');
    await shoot(admin, 'console-watch-flood-desktop-en-light');

    await expect(member.getByText('The service is under').first()).toBeVisible(PATIENCE);
    await post(campaign, admin, { title: 'While flooded', body: 'Members read on.' });
    await expect(titles(member)).toHaveText(['While flooded'], PATIENCE);
    await expectState(member, 'Live');
    expect(flood.goesOn, flood.log).toBe(true);

    await admin.getByRole('navigation').getByRole('link', { name: 'Incidents' }).click();
    const record = admin.getByRole('row').filter({ has: admin.getByRole('cell', { name: 'Open', exact: true }) });
    await expect(record).toBeVisible(PATIENCE);
    await check(admin, 'incidents');
    await record.getByRole('link').click();
    await expect(admin.getByRole('heading', { level: 1, name: /^Attack of/ })).toBeFocused(PATIENCE);

    const words = admin.getByLabel('What happened, or what was done');
    await words.fill('Called at 10:20, ticket 4711.');
    await admin.getByLabel('Whom you told').fill('the provider');
    // Nothing typed is lost.
    await admin.reload();
    await expect(words).toHaveValue('Called at 10:20, ticket 4711.', PATIENCE);
    await admin.getByRole('button', { name: 'Add it to the record' }).click();
    await expect(admin.getByText('It is in the record.', { exact: true })).toBeVisible(PATIENCE);
    await expect(admin.getByRole('region', { name: 'Who was told' })).toContainText('the provider: Called at 10:20', PATIENCE);
    await expect(admin.getByRole('region', { name: 'What happened' })).toContainText('because');
    await check(admin, 'incident');
    await shoot(admin, 'console-incident-desktop-en-light');
  } finally {
    await flood.stop();
  }

  const [file] = await Promise.all([
    admin.waitForEvent('download'),
    admin.getByRole('button', { name: 'Report as text' }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^incident-.*-report\.md$/);
  const report = await readFile(await file.path(), 'utf8');
  expect(report).toContain('ticket 4711');
  expect(report).toContain('[TO FILL IN:');
});
