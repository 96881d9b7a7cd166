import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { LANGUAGES } from '../src/model/bulletin.ts';
import { walk } from './keyboard.ts';
import { look, shoot } from './looks.ts';
import { SCREENS, USUAL_PICTURES, VIEWPORT_OF, type Theme } from './screens.ts';
import { Stage } from './stage.ts';
import { VIEWPORTS } from './test.ts';

const THEMES: readonly Theme[] = ['light', 'dark', 'contrast'];
/** WCAG 2.2, levels A and AA, with what came before it. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
const NARROW = { width: 320, height: 640 };

/** One server and the same pages for all of it: there is much to look at. */
let stage: Stage;
test.beforeAll(async ({ browser }) => {
  stage = await Stage.set(browser);
});
/** Whatever was looked at: no screen broke the policy, failed, or asked anybody else. */
test.afterEach(() => expect(stage.wrong).toEqual([]));
test.afterAll(async () => stage?.clear());

test('every screen meets WCAG 2.2 AA, in both languages and in each theme', async () => {
  test.setTimeout(600_000);
  const found: string[] = [];
  for (const language of LANGUAGES) {
    for (const screen of SCREENS) {
      const page = await stage.show(screen, language);
      for (const theme of THEMES) {
        await stage.inTheme(page, theme);
        const name = `${screen.entry}-${screen.name}-${VIEWPORT_OF[screen.entry]}-${language}-${theme}`;
        // Themes differ in colours alone; and we have no frames, for which axe would open another page.
        const axe = new AxeBuilder({ page }).setLegacyMode();
        const { violations } = await (theme === 'light' ? axe.withTags(WCAG) : axe.withRules('color-contrast')).analyze();
        found.push(...violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join(' ')}`));
        const picture = `${language}-${theme}` as const;
        if (USUAL_PICTURES.includes(picture) || screen.pictures?.includes(picture)) await shoot(page, name);
        await look(page, name);
      }
      await stage.inTheme(page, 'light');
    }
  }
  expect(found).toEqual([]);
});

test('nothing scrolls sideways on the narrowest phone, nor with letters twice as large', async () => {
  const found: string[] = [];
  for (const language of LANGUAGES) {
    for (const screen of SCREENS) {
      const page = await stage.show(screen, language);
      await page.setViewportSize(NARROW);
      found.push(...(await tooWide(page, `${screen.entry}-${screen.name}-${language} at 320 px`)));
      await page.setViewportSize(VIEWPORTS[VIEWPORT_OF[screen.entry]]);
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      found.push(...(await tooWide(page, `${screen.entry}-${screen.name}-${language} at 200 %`)));
      await page.evaluate(() => (document.documentElement.style.fontSize = ''));
    }
  }
  expect(found).toEqual([]);
});

test('the keyboard reaches everything, and it is seen where it is', async () => {
  const found: string[] = [];
  for (const screen of SCREENS) {
    const page = await stage.show(screen, 'en');
    found.push(...(await walk(page)).map((wrong) => `${screen.entry}-${screen.name}: ${wrong}`));
  }
  expect(found).toEqual([]);
});

test('nothing moves for who asked for that', async () => {
  const found: string[] = [];
  for (const screen of SCREENS) {
    const page = await stage.show(screen, 'en');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    found.push(...(await moving(page)).map((what) => `${screen.entry}-${screen.name}: ${what}`));
  }
  expect(found).toEqual([]);
});

/** What makes a page wider than the window. */
async function tooWide(page: Page, name: string): Promise<string[]> {
  await look(page, name.replaceAll(' ', '-'));
  return page.evaluate((where) => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1);
    const deepest = wide.filter((each) => !wide.some((other) => other !== each && each.contains(other)));
    return [`${where}: ${root.scrollWidth} px, ${deepest.map((each) => each.outerHTML.slice(0, 120)).slice(0, 3).join(' ')}`];
  }, name);
}

function moving(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const moves = [...document.querySelectorAll('body *')].filter((each) => {
      const { transitionDuration, animationDuration } = getComputedStyle(each);
      return `${transitionDuration},${animationDuration}`.split(',').some((time) => Number.parseFloat(time) > 0);
    });
    return moves.map((each) => each.outerHTML.slice(0, 120)).slice(0, 3);
  });
}
