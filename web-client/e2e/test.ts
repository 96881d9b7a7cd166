import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { Authenticator, confirmsByItself } from './authenticator.ts';
import { CampaignApi } from './campaign_api.ts';
import { Holdfast } from './holdfast.ts';

export { expect };

interface Fixtures {
  holdfast: Holdfast;
  campaign: CampaignApi;
  /**
   * Any error that the page itself reports fails the test. Who comes in as an organiser makes a passkey, and shows it
   * whenever it is asked for.
   */
  open: (viewport: Viewport) => Promise<Page>;
  /** The same, for tests in which the passkey is made and shown by hand. */
  openWithoutPasskey: (viewport: Viewport) => Promise<{ page: Page; device: Authenticator }>;
}

export type Viewport = keyof typeof VIEWPORTS;
export const VIEWPORTS = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } } as const;

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
  holdfast: async ({}, use) => {
    const holdfast = await Holdfast.start();
    await use(holdfast);
    await holdfast.remove();
  },
  campaign: async ({ holdfast }, use) => use(new CampaignApi(holdfast)),
  open: async ({ openWithoutPasskey }, use) => {
    await use(async (viewport) => {
      const { page } = await openWithoutPasskey(viewport);
      await confirmsByItself(page);
      return page;
    });
  },
  openWithoutPasskey: async ({ browser }, use) => {
    const errors: Error[] = [];
    const pages: Page[] = [];
    await use(async (viewport) => {
      const context = await browser.newContext({ viewport: VIEWPORTS[viewport], hasTouch: viewport === 'phone' });
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error));
      page.on('console', (message) => {
        if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) errors.push(new Error(message.text()));
      });
      pages.push(page);
      return { page, device: await Authenticator.of(page) };
    });
    for (const page of pages) await page.context().close();
    expect(errors).toEqual([]);
  },
});

/** The titles on the noticeboard, from the top. */
export function titles(page: Page): Locator {
  return page.getByRole('log').getByRole('heading', { level: 2 });
}

export async function expectState(page: Page, state: 'Live' | 'Offline' | 'Waiting to come in'): Promise<void> {
  await expect(page.getByRole('status').filter({ hasText: state }).first()).toBeVisible({ timeout: 40_000 });
}

export async function join(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await expect(page).toHaveURL(/\/join$/);
  await page.getByRole('button', { name: 'Join' }).click();
}

export async function joinAsFirstAdmin(page: Page, holdfast: Holdfast): Promise<void> {
  await join(page, holdfast.firstAdmin);
  await expect(page).toHaveURL(/\/console/);
  await expectState(page, 'Live');
}

/** The activists' page on which they see to their own things. */
export async function openMe(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Me' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Me' })).toBeVisible();
}

export async function goTo(page: Page, name: 'Bulletins' | 'Compose' | 'Invites'): Promise<void> {
  if (name === 'Invites') await page.evaluate(() => (location.hash = '#people/invites'));
  else await page.getByRole('navigation').getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

export async function makeInvite(page: Page, options: { for?: 'Activist' | 'Organiser'; uses?: number } = {}): Promise<string> {
  await goTo(page, 'Invites');
  if (options.for !== undefined) await page.getByRole('radio', { name: options.for }).check();
  if (options.uses !== undefined) await page.getByLabel('How many people may join with it').fill(String(options.uses));
  await page.getByRole('button', { name: 'Make the invite' }).click();
  await expect(page.getByRole('img', { name: 'QR code of the invite link' })).toBeVisible();
  return page.getByRole('textbox', { name: 'Invite link' }).inputValue();
}

export interface Text {
  readonly title: string;
  readonly body: string;
}

/** Something to read, written by one program of the campaign and approved by another. Answers its id. */
export async function say(campaign: CampaignApi, english: Text, welsh?: Text): Promise<string> {
  return campaign.sends({ kind: 'update', texts: welsh === undefined ? { en: english } : { en: english, cy: welsh } });
}

/** Writes on the desk, without handing it over. */
export async function write(page: Page, english: Text, welsh?: Text): Promise<void> {
  await goTo(page, 'Compose');
  for (const [language, text] of [['English', english], ['Welsh', welsh]] as const) {
    if (text === undefined) continue;
    const fields = page.getByRole('group', { name: language }).filter({ has: page.getByLabel('Title') });
    await fields.getByLabel('Title').fill(text.title);
    await fields.getByLabel('Text').fill(text.body);
  }
}

/** Hands what is written to the outbox, whatever the button says. */
export async function send(page: Page): Promise<void> {
  await page.locator('.compose-form button[type="submit"]').click();
}

/** One line of the organiser's outbox. */
export function outboxItem(page: Page, title: string): Locator {
  return page.getByRole('region', { name: 'Outbox' }).getByRole('listitem').filter({ hasText: title });
}

/** Writes it, hands it over, and waits until a second person has approved it and it is sent. */
export async function post(campaign: CampaignApi, page: Page, english: Text, welsh?: Text): Promise<void> {
  await write(page, english, welsh);
  await send(page);
  await expect(outboxItem(page, english.title)).toContainText('Waiting for a second person');
  await campaign.approvesAll();
  await expect(outboxItem(page, english.title)).toContainText('Sent:');
}

/** The titles on the organisers' page of bulletins, from the top. */
export function listed(page: Page): Locator {
  return page.getByRole('table', { name: 'Bulletins' }).getByRole('link');
}
