import type { Locator, Page } from '@playwright/test';
import { Holdfast } from './holdfast.ts';
import { KeyKeeper } from './key_keeper.ts';
import { Redis } from './redis.ts';
import { approve, handIn } from './signing.ts';
import { expect, outboxItem, test as withPages } from './test.ts';

/** A server on a store of its own, in which somebody has their hands. */
export const test = withPages.extend<{ redis: Redis; keeper: KeyKeeper }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
  redis: async ({}, use) => {
    const redis = await Redis.start();
    await use(redis);
    await redis.remove();
  },
  // eslint-disable-next-line no-empty-pattern -- The same.
  keeper: async ({}, use) => {
    const keeper = await KeyKeeper.begin();
    await use(keeper);
    await keeper.remove();
  },
  holdfast: async ({ redis }, use) => {
    const holdfast = await Holdfast.start(['--delay-target', '1m', '--redis', redis.url]);
    await use(holdfast);
    await holdfast.remove();
  },
});

/** Written and signed by one, agreed to and signed by the other. Answers its id. */
export async function publish(author: Page, approver: Page, title: string): Promise<string> {
  const id = await handIn(author, title);
  await approve(approver, id);
  await expect(outboxItem(author, title)).toContainText('Sent:');
  return id;
}

/** Looks at a page in Welsh, and leaves it in English. */
export async function welsh(page: Page, look: () => Promise<void>): Promise<void> {
  await page.locator('button[lang=cy]').first().click();
  await look();
  await page.locator('button[lang=en]').first().click();
}

/** What is loudly wrong with a bulletin on the noticeboard. */
export function warning(page: Page, title: string): Locator {
  return page.getByRole('log').getByRole('article').filter({ hasText: title }).getByRole('alert');
}
