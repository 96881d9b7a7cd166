import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { resolve } from 'node:path';

const SCREENSHOTS = resolve(import.meta.dirname, '../../docs/screenshots');

/** A screen reader finds its way, in light and in dark. */
export async function check(page: Page, name: string, ignoredRules: string[] = []): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    // Without motion the colours are the new ones at once.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Themes differ in colours alone; and we have no frames, for which axe would open another page.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    const { violations } = await (colorScheme === 'dark' ? axe.disableRules(ignoredRules) : axe.withRules('color-contrast')).analyze();
    expect(violations.map(({ id, nodes }) => `${name}, ${colorScheme}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
    await look(page, `${name.replaceAll(' ', '-')}-${colorScheme}`);
  }
}

export async function shoot(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] !== '1') return;
  await page.evaluate(() => {
    scrollTo(0, 0);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.screenshot({ path: resolve(SCREENSHOTS, `${name}.png`) });
}

/** For who wants to see what was checked. */
export async function look(page: Page, name: string): Promise<void> {
  const folder = process.env['LOOKS'];
  if (folder !== undefined) await page.screenshot({ path: resolve(folder, `${name}.png`), fullPage: true });
}
