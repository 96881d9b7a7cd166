import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { resolve } from 'node:path';
import { CANVASS_DAY, DRAFT } from './canvass_day.ts';
import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, post, test, titles, write } from './test.ts';

const SCREENSHOTS = resolve(import.meta.dirname, '../../docs/screenshots');

test('the bundle comes as small as it was packed', async ({ holdfast, request }) => {
  for (const encoding of ['br', 'gzip']) {
    const answer = await request.get(holdfast.origin, { headers: { 'accept-encoding': encoding } });
    expect(answer.headers()['content-encoding']).toBe(encoding);
    expect(await answer.text()).toContain('<!doctype html>');
  }
});

test('every page is accessible, in light and in dark', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await admin.goto(holdfast.firstAdmin);
  await expect(admin.getByRole('button', { name: 'Join' })).toBeVisible();
  await check(admin, 'join');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  await check(admin, 'invites');
  for (const { en, cy } of CANVASS_DAY) await post(admin, en, cy);
  await write(admin, DRAFT.en, DRAFT.cy);
  await check(admin, 'compose');
  await shoot(admin, 'console-desktop');
  await goTo(admin, 'Bulletins');
  await expect(titles(admin)).toHaveCount(CANVASS_DAY.length);
  await check(admin, 'bulletins');

  const console = await open('phone');
  await join(console, await makeInvite(admin, { for: 'Organiser' }));
  await expectState(console, 'Live');
  await write(console, DRAFT.en, DRAFT.cy);
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
  await expect(titles(phone)).toHaveCount(CANVASS_DAY.length);
  await check(phone, 'feed');
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await check(phone, 'feed in Welsh');
  await phone.getByRole('button', { name: 'English' }).click();
  await shoot(phone, 'feed-phone');

  const reader = await open('desktop');
  await join(reader, invite);
  await expectState(reader, 'Live');
  await expect(titles(reader)).toHaveCount(CANVASS_DAY.length);
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
  if (process.env['SCREENSHOTS'] !== '1') return;
  await page.evaluate(() => {
    scrollTo(0, 0);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.screenshot({ path: resolve(SCREENSHOTS, `${name}.png`) });
}
