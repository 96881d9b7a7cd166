import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { resolve } from 'node:path';
import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, post, test, titles } from './test.ts';

const SCREENSHOTS = resolve(import.meta.dirname, '../../docs/screenshots');

test('every page is accessible, in light and in dark', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await admin.goto(holdfast.firstAdmin);
  await expect(admin.getByRole('button', { name: 'Join' })).toBeVisible();
  await check(admin, 'join');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  await check(admin, 'invites');
  await post(
    admin,
    { title: 'Canvass packs are ready', body: 'Collect them at 14 Harbour Street from 9:30.\nMaps: https://example.org/maps' },
    { title: 'Pecynnau canfasio yn barod', body: 'Casglwch nhw yn 14 Stryd yr Harbwr o 9:30.' },
  );
  await post(admin, { title: 'Street stall moved', body: 'Saturday’s stall is at the library, not the square. Same time.' });
  await check(admin, 'compose');
  await shoot(admin, 'console-desktop');
  await goTo(admin, 'Bulletins');
  await expect(titles(admin)).toHaveCount(2);
  await check(admin, 'bulletins');

  const console = await open('phone');
  await join(console, await makeInvite(admin, { for: 'Organiser' }));
  await expectState(console, 'Live');
  await check(console, 'console on a phone');
  await shoot(console, 'console-phone');

  const phone = await open('phone');
  await phone.goto(`${holdfast.origin}/join#nothing`);
  await phone.getByRole('button', { name: 'Join' }).click();
  await expect(phone.getByRole('heading', { name: 'This invite is not known' })).toBeVisible();
  await check(phone, 'refused invite');
  await phone.goto(holdfast.origin);
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await check(phone, 'not joined');
  await join(phone, invite);
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveCount(2);
  await check(phone, 'feed');
  await shoot(phone, 'feed-phone');

  const reader = await open('desktop');
  await join(reader, invite);
  await expectState(reader, 'Live');
  await expect(titles(reader)).toHaveCount(2);
  await shoot(reader, 'feed-desktop');

  await holdfast.kill();
  await expectState(phone, 'Offline');
  await check(phone, 'feed while offline');
});

async function check(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    // Without motion the colours are the new ones at once.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] === '1') await page.screenshot({ path: resolve(SCREENSHOTS, `${name}.png`) });
}
