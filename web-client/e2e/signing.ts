import type { Page } from '@playwright/test';
import type { KeyKeeper } from './key_keeper.ts';
import { expect, outboxItem, send, write } from './test.ts';

/** Makes the key of a browser, and answers its public half. */
export async function makeKey(page: Page): Promise<string> {
  await goToTrust(page);
  await page.getByRole('button', { name: 'Make my key' }).click();
  return page.getByLabel('The public half').inputValue();
}

async function goToTrust(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#trust'));
  await expect(page.getByRole('heading', { level: 1, name: 'Trust' })).toBeVisible();
}

export async function upload(page: Page, keeper: KeyKeeper, change: string): Promise<void> {
  await goToTrust(page);
  await page.getByLabel('The file').setInputFiles(keeper.manifest);
  await expect(page.getByText(change)).toBeVisible();
  await page.getByRole('button', { name: 'Give it to the service' }).click();
  await expect(page.getByText('The service has it.')).toBeVisible();
}

/** Written and signed by one, who waits for another. Answers its id. */
export async function handIn(author: Page, title: string, options: { isUrgent?: boolean } = {}): Promise<string> {
  await write(author, { title, body: 'At noon.' });
  if (options.isUrgent === true) await author.getByRole('radio', { name: 'Urgent' }).check();
  await expect(author.getByText('This browser signs it with your key.')).toBeVisible();
  await send(author);
  await expect(outboxItem(author, title)).toContainText('Waiting for a second person');
  const address = (await outboxItem(author, title).getByRole('link').getAttribute('href')) ?? '';
  return address.replace(/^.*\//, '');
}

/** Agreed to, and signed, by another. Answers when the service said that it goes. */
export async function approve(approver: Page, id: string): Promise<number> {
  await approver.evaluate((hash) => (location.hash = hash), `#bulletins/${id}`);
  const answer = approver.waitForResponse((response) => response.url().endsWith('/approve') && response.ok());
  await approver.getByRole('button', { name: 'Approve' }).click();
  await answer;
  return Date.now();
}
