import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, openMe, test } from './test.ts';

test('a device that has not joined is told what to do', async ({ holdfast, open }) => {
  const phone = await open('phone');
  for (const path of ['/', '/console']) {
    await phone.goto(holdfast.origin + path);
    await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  }
});

test('opening a link does not use it, and a used-up one says so', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin, { uses: 1 });

  const late = await open('phone');
  await late.goto(invite);
  await expect(late.getByRole('button', { name: 'Join' })).toBeVisible();

  const early = await open('phone');
  await join(early, invite);
  await expectState(early, 'Live');

  await late.getByRole('button', { name: 'Join' }).click();
  await expect(late.getByRole('heading', { name: 'This invite is used up' })).toBeVisible();
});

test('a withdrawn invite says so, and an unknown one too', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  await admin.getByRole('button', { name: /^Withdraw the invite/ }).click();
  await admin.getByRole('button', { name: 'Yes, withdraw' }).click();
  await expect(admin.getByRole('cell', { name: 'Withdrawn' })).toBeVisible();

  const phone = await open('phone');
  await join(phone, invite);
  await expect(phone.getByRole('heading', { name: 'This invite was withdrawn' })).toBeVisible();
  await phone.goto('about:blank');
  await join(phone, `${holdfast.origin}/join#nothing`);
  await expect(phone.getByRole('heading', { name: 'This invite is not known' })).toBeVisible();
});

test('a retry after an answer that was lost does not use the invite twice', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin, { uses: 1 });

  const phone = await open('phone');
  await phone.route('**/v1/invites/redeem', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await join(phone, invite);
  await expect(phone.getByRole('heading', { name: 'No connection' })).toBeVisible();
  await phone.unroute('**/v1/invites/redeem');
  await phone.reload();
  await phone.getByRole('button', { name: 'Join' }).click();
  await expectState(phone, 'Live');
});

test('an organiser posts, and may not make invites', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const organiser = await open('phone');
  await join(organiser, await makeInvite(admin, { for: 'Organiser' }));
  await expect(organiser).toHaveURL(/\/console/);
  await expect(organiser.getByRole('button', { name: 'Hand it over for approval' })).toBeVisible();
  await expect(organiser.getByRole('link', { name: 'People' })).toHaveCount(0);
  await organiser.goto(`${holdfast.origin}/console#people`);
  await expect(organiser.getByText('Only an admin of the campaign sees its members and makes invites.')).toBeVisible();
});

test('signing out removes what was kept on the device', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await openMe(phone);
  await phone.getByRole('button', { name: 'Sign out of this device' }).click();
  await phone.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await phone.reload();
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await goTo(admin, 'Bulletins');
});
