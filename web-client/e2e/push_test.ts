import type { Page } from '@playwright/test';
import { Holdfast } from './holdfast.ts';
import { PushService, type Phone, type Pushed } from './push_service.ts';
import { SleepingPhone } from './sleeping_phone.ts';
import { expect, expectState, join, test as base } from './test.ts';

/** A phone is told of what is urgent within this, from when it was sent. */
export const TOLD_WITHIN_MS = 5_000;
/** A server that sends notifications to push services on this machine. */
export const SENDS_NOTIFICATIONS = ['--push-contact', 'mailto:ops@example.org', '--push-allow-local'] as const;

export interface Sleeper {
  /** The app, as long as it is open. */
  readonly page: Page;
  readonly browser: SleepingPhone;
  readonly phone: Phone;
}

interface Fixtures {
  pushService: PushService;
  /** A member's phone that has joined by a link, with notifications on or not yet. */
  sleeper: (link: string, notifications?: 'off' | 'on') => Promise<Sleeper>;
}

/** Tests with a push service beside the server. */
export function testWithPush(options: readonly string[]) {
  return base.extend<Fixtures>({
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the wanted fixtures from this pattern, and insists on one.
    holdfast: async ({}, use) => {
      const holdfast = await Holdfast.start([...options, ...SENDS_NOTIFICATIONS]);
      await use(holdfast);
      await holdfast.remove();
    },
    // eslint-disable-next-line no-empty-pattern -- As above.
    pushService: async ({}, use) => {
      const service = await PushService.start();
      await use(service);
      service.stop();
      expect(service.wrong).toEqual([]);
    },
    sleeper: async ({ holdfast, open, pushService }, use) =>
      use(async (link, notifications = 'on') => {
        const page = await open('phone');
        const phone = pushService.phone();
        const browser = await SleepingPhone.of(page, phone, holdfast.origin);
        await join(page, link);
        await expectState(page, 'Live');
        if (notifications === 'on') await turnOn(page, browser);
        return { page, browser, phone };
      }),
  });
}

export async function openNotifications(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = '#me/notifications'));
  await expect(page.getByRole('heading', { level: 1, name: 'Notifications' })).toBeVisible();
}

/** As a member does it: under Me, and the browser asks. */
export async function turnOn(page: Page, browser: SleepingPhone): Promise<void> {
  await openNotifications(page);
  await browser.allow();
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByText('Notifications are on, on this device.')).toBeVisible();
}

/** What the push service got for a phone of what is sent now, in time. */
export async function pushedInTime(phone: Phone, send: () => Promise<string>): Promise<{ id: string; pushed: Pushed }> {
  const coming = phone.next(20_000);
  const id = await send();
  const sentAt = Date.now();
  const pushed = await coming;
  expect(pushed.at - sentAt).toBeLessThan(TOLD_WITHIN_MS);
  return { id, pushed };
}
