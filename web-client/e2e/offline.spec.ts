import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { check } from './looks.ts';
import { expect, expectState, join, joinAsFirstAdmin, makeInvite, say, test, titles } from './test.ts';

/** The app is kept for when there is no connection. */
async function isKept(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
}

test('after the first visit the app opens without the service, says as of when, and goes on when it is back', async ({
  campaign,
  holdfast,
  open,
}) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  await say(campaign, { title: 'First', body: 'Saved on this device.' });
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await expect(titles(phone)).toHaveText(['First']);
  const second = await campaign.sends({ kind: 'update', texts: { en: { title: 'Second', body: 'To be corrected.' } } });
  await expect(titles(phone)).toHaveText(['Second', 'First']);
  await campaign.corrects(second, { en: { title: 'Second, corrected', body: 'In its place.' } });
  await expect(titles(phone)).toHaveText(['Second, corrected', 'First']);
  await isKept(phone);

  await holdfast.kill();
  await phone.reload();
  await expectState(phone, 'Offline');
  await expect(titles(phone)).toHaveText(['Second, corrected', 'First']);
  await expect(phone.getByText(/what was saved on this device as of \d\d:\d\d/)).toBeVisible();
  await check(phone, 'feed opened offline');
  await phone.goto(`${holdfast.origin}/join`);
  await expect(phone.getByRole('heading', { name: 'This link has no invite in it' })).toBeVisible();
  await phone.goto(holdfast.origin);
  await expectState(phone, 'Offline');

  await holdfast.start();
  await expectState(phone, 'Live');
  await say(campaign, { title: 'Third', body: 'After it came back.' });
  await expect(titles(phone)).toHaveText(['Third', 'Second, corrected', 'First']);
});

test('the language is changed without the service too, though a first visit loads the words of one alone', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  const asked: string[] = [];
  phone.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await phone.goto(holdfast.origin);
  await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  const scripts = asked.filter((path) => path.endsWith('.js'));
  expect(scripts.filter((path) => path.includes('/words-')).slice(0, 1)).toEqual([expect.stringContaining('/words-first.en-')]);
  await isKept(phone);
  await holdfast.kill();
  await phone.reload();
  await phone.getByRole('button', { name: 'Cymraeg' }).click();
  await expect(phone.getByRole('heading', { name: 'Ni ellir cyrraedd y gwasanaeth' })).toBeVisible();
  await phone.reload();
  await expect(phone.getByRole('heading', { name: 'Ni ellir cyrraedd y gwasanaeth' })).toBeVisible();
  await expect(phone.locator('html')).toHaveAttribute('lang', 'cy');
});

test('a language whose words are still to come leaves the page as it is, and is followed when they came', async ({ browser, holdfast }) => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  const page = await context.newPage();
  const welsh = /words-first\.cy-/;
  await page.route(welsh, async (route) => route.abort());
  await page.goto(holdfast.origin);
  await expect(page.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  const choice = page.getByRole('button', { name: 'Cymraeg' });
  await choice.click();
  await expect(choice).toHaveAttribute('aria-busy', 'true');
  await expect(page.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
  await page.unroute(welsh);
  await expect(page.getByRole('heading', { name: "Nid yw'r ddyfais hon wedi ymuno" })).toBeVisible();
  await expect(choice).toHaveAttribute('aria-busy', 'false');
  await context.close();
});

test('only the app is kept: not the console, not the status page, not what the service answers', async ({ holdfast, open }) => {
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const phone = await open('phone');
  await join(phone, await makeInvite(admin));
  await expectState(phone, 'Live');
  await isKept(phone);
  const kept = await phone.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept).toContain('/');
  expect(kept.filter((path) => path !== '/' && path !== '/favicon.svg' && !path.startsWith('/assets/'))).toEqual([]);
  await holdfast.kill();
  await expect(phone.goto(`${holdfast.origin}/console`)).rejects.toThrow();
});

test('a new version waits until its reader wants it', async ({ holdfast, open }) => {
  const front = await Front.before(holdfast.origin);
  try {
    const phone = await open('phone');
    await phone.goto(front.origin);
    await isKept(phone);
    const before = await phone.evaluate(() => caches.keys());
    front.isNext = true;
    await phone.reload();
    await expect(phone.getByText('A new version is ready.')).toBeVisible();
    expect(await phone.evaluate(() => caches.keys())).toEqual(expect.arrayContaining(before));
    await check(phone, 'new version');
    await Promise.all([phone.waitForEvent('load'), phone.getByRole('button', { name: 'Load it' }).click()]);
    await expect(phone.getByRole('heading', { name: 'This device has not joined' })).toBeVisible();
    await expect(phone.getByText('A new version is ready.')).toHaveCount(0);
    await expect.poll(() => phone.evaluate(() => caches.keys())).toHaveLength(1);
    expect(await phone.evaluate(() => caches.keys())).not.toEqual(before);
  } finally {
    front.close();
  }
});

test('the app can be installed', async ({ holdfast, open, request }) => {
  const phone = await open('phone');
  await phone.goto(holdfast.origin);
  const client = await phone.context().newCDPSession(phone);
  const { url, errors } = await client.send('Page.getAppManifest');
  expect([url, errors]).toEqual([`${holdfast.origin}/manifest.webmanifest`, []]);
  const { installabilityErrors } = await client.send('Page.getInstallabilityErrors');
  // What tests run in is a window that forgets.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  const worker = await request.get(`${holdfast.origin}/sw.js`);
  expect([worker.headers()['cache-control'], worker.headers()['content-type']]).toEqual(['no-cache', expect.stringContaining('text/javascript')]);
});

/** Stands before the service, and gives its worker as the next version of the app would have it. */
class Front {
  isNext = false;
  readonly origin: string;
  readonly #server: Server;

  static async before(service: string): Promise<Front> {
    const heard: { front?: Front } = {};
    const server = createServer((request, response) => {
      const answer = async (): Promise<void> => {
        const { status, headers, body } = await fetch(`${service}${request.url}`, { method: request.method ?? 'GET' }).then(async (each) => ({
          status: each.status,
          headers: Object.fromEntries([...each.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding)$/.test(name))),
          body: Buffer.from(await each.arrayBuffer()),
        }));
        const isNextWorker = heard.front?.isNext === true && request.url === '/sw.js';
        const next = body.toString().replace(/"revision":"[0-9a-f]{32}"/, `"revision":"${'0'.repeat(32)}"`);
        response.writeHead(status, headers).end(isNextWorker ? next : body);
      };
      answer().catch(() => response.destroy());
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    heard.front = new Front(server);
    return heard.front;
  }

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
