import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { resolve } from 'node:path';
import { BOOBY_TRAPS, NAUGHTY_STRINGS, WRITABLE } from './naughty_strings.ts';
import { expect, expectState, goTo, join, joinAsFirstAdmin, makeInvite, send, test, write } from './test.ts';

/** Where to keep pictures of this run, for who wants to look. */
const PICTURES = process.env['NAUGHTY_PICTURES'];

test('whatever a bulletin says, it is text and nothing else', async ({ campaign, holdfast, open }) => {
  // Two readers with every one of them on the screen at once.
  test.slow();
  const strings = [...NAUGHTY_STRINGS, ...BOOBY_TRAPS];
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const invite = await makeInvite(admin);
  expect(await publish(admin, await campaign.token('sender'), strings)).toBe(strings.length);

  for (const viewport of ['phone', 'desktop'] as const) {
    const reader = await open(viewport);
    const watched = await watch(reader, holdfast.origin);
    await join(reader, invite);
    await expectState(reader, 'Live');
    await showAll(reader, strings.length);

    // As they were sent, from the newest: not one character more or less.
    const shown = await reader.getByRole('article').evaluateAll((cards) =>
      cards.map((card) => [card.querySelector('.card-title')?.textContent, card.querySelector('.card-body')?.textContent]),
    );
    expect(shown).toEqual(strings.map((text) => [text, text]).reverse());
    await expectPlainCards(reader);
    await provoke(reader);
    await expectNothingHangsOver(reader);
    if (viewport === 'phone') await expectAccessible(reader);
    if (PICTURES !== undefined) await reader.screenshot({ path: resolve(PICTURES, `${viewport}.png`), fullPage: true });
    await expect(reader).toHaveURL(`${holdfast.origin}/`);
    await watched();
    await reader.context().close();
  }
});

test('whatever is written in the composer is read as it was written', { tag: '@long' }, async ({ campaign, holdfast, open }) => {
  // Each goes the whole way: written, handed over, approved by another, sent, read.
  test.slow();
  const admin = await open('desktop');
  await joinAsFirstAdmin(admin, holdfast);
  const watched = await watch(admin, holdfast.origin);
  const reader = await open('phone');
  await join(reader, await makeInvite(admin));
  await expectState(reader, 'Live');
  const watchedToo = await watch(reader, holdfast.origin);
  for (const [at, text] of WRITABLE.entries()) {
    await write(admin, { title: text, body: text });
    const preview = admin.getByRole('region', { name: 'Preview' }).getByRole('article');
    expect(await preview.locator('h2').textContent()).toBe(text);
    await send(admin);
    await expect(async () => {
      await campaign.approvesAll();
      await expect(reader.getByRole('article')).toHaveCount(at + 1, { timeout: 500 });
    }).toPass();
    const newest = reader.getByRole('article').first();
    // What turns the direction of reading is not for titles: the service takes it away.
    expect(await newest.locator('h2').textContent()).toBe(text.replaceAll(/\p{Cf}/gu, ''));
    // The text is Markdown: a mark may be read as one, but no word is lost and none is added.
    expect(wordsOf(await newest.locator('.card-body').textContent())).toBe(wordsOf(text));
  }
  await expectNothingHangsOver(admin);
  await expectAccessible(admin);
  if (PICTURES !== undefined) await admin.screenshot({ path: resolve(PICTURES, 'composer.png'), fullPage: true });
  await goTo(admin, 'Bulletins');
  await expectPlainCards(admin);
  await provoke(admin);
  await watched();
  await watchedToo();
});

function wordsOf(text: string | null): string {
  return (text ?? '').replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Posts each string as title and text of a bulletin of its own, past our composer, as a hostile program would. */
async function publish(page: Page, token: string, strings: readonly string[]): Promise<number> {
  return page.evaluate(async ({ shows, texts }) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/connection/websocket`);
    await new Promise((open) => socket.addEventListener('open', open, { once: true }));
    let stored = 0;
    const ended = new Promise<void>((done, failed) => {
      const next = (): void => {
        const text = texts[stored];
        if (text === undefined) return done();
        const data = { id: `naughty-${stored}`, kind: 'update', texts: { en: { title: text, body: text } } };
        const argument = { channel: 'bulletins:all', idempotency_key: data.id, data };
        socket.send(JSON.stringify({ id: stored + 2, rpc: { method: 'publish', data: argument } }));
      };
      socket.addEventListener('close', () => failed(new Error(`closed after ${stored}`)));
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        for (const line of data.split('\n')) {
          const reply = JSON.parse(line);
          if (reply.error !== undefined) failed(new Error(`${stored}: ${line}`));
          else if (reply.connect !== undefined) next();
          else if (reply.rpc !== undefined) {
            stored += 1;
            next();
          } else if (reply.push === undefined) socket.send('{}');
        }
      });
    });
    socket.send(JSON.stringify({ id: 1, connect: { token: shows } }));
    await ended;
    return stored;
  }, { shows: token, texts: strings });
}

async function showAll(page: Page, count: number): Promise<void> {
  const cards = page.getByRole('article');
  const older = page.getByRole('button', { name: /^Show \d+ older/ });
  for (let shown = 50; shown < count; shown += 50) {
    await expect(cards).toHaveCount(shown);
    await older.click();
  }
  await expect(cards).toHaveCount(count);
}

/** Notes whatever is not our own page; the answer, once called, says that there was nothing. */
async function watch(page: Page, origin: string): Promise<() => Promise<void>> {
  const seen: string[] = [];
  const note = (what: string, url: string): void => {
    const isOurs = new URL(url).host === new URL(origin).host;
    if (!isOurs) seen.push(`${what} ${url}`);
  };
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => note('request', request.url()));
  page.on('websocket', (socket) => note('socket', socket.url()));
  page.on('frameattached', () => seen.push('frame'));
  page.on('worker', () => seen.push('worker'));
  page.on('popup', () => seen.push('popup'));
  page.on('download', () => seen.push('download'));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      Object.assign(window, { violation: `${event.violatedDirective} ${event.blockedURI}` });
    });
  });
  return async () => {
    expect(seen).toEqual([]);
    expect(await page.evaluate(() => ['__pwned', 'violation', 'xss'].filter((name) => name in window))).toEqual([]);
  };
}

/** A card has the elements that our own code makes, without a handler, and its links lead to the web and nowhere else. */
async function expectPlainCards(page: Page): Promise<void> {
  const strays = await page.getByRole('article').evaluateAll((cards) => {
    const known = new Set(['P', 'SPAN', 'TIME', 'DIV', 'H2', 'A', 'WBR']);
    return cards.flatMap((card) => [...card.querySelectorAll('*')]).flatMap((element) => {
      const handlers = element.getAttributeNames().filter((name) => name.startsWith('on') || name === 'style');
      const link = element instanceof HTMLAnchorElement ? element : null;
      const isFine =
        known.has(element.tagName) &&
        handlers.length === 0 &&
        (link === null ||
          (/^https?:$/.test(link.protocol) &&
            link.username === '' &&
            link.password === '' &&
            link.target === '_blank' &&
            /\bnoopener\b/.test(link.rel)));
      return isFine ? [] : [element.outerHTML.slice(0, 200)];
    });
  });
  expect(strays).toEqual([]);
}

/** What a reader may do by chance sets off nothing: the pointer over everything, the focus on everything. */
async function provoke(page: Page): Promise<void> {
  await page.getByRole('article').evaluateAll((cards) => {
    for (const element of cards.flatMap((card) => [card, ...card.querySelectorAll('*')])) {
      for (const type of ['pointerover', 'mouseover', 'mouseenter', 'focus', 'focusin', 'animationstart', 'toggle']) {
        element.dispatchEvent(new Event(type, { bubbles: true }));
      }
      if (element instanceof HTMLElement) element.focus();
    }
  });
}

/** Nothing hangs over the side of the page. */
async function expectNothingHangsOver(page: Page): Promise<void> {
  const over = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('article, article *')].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return element.tagName !== 'WBR' && (left < 0 || right > width + 0.5);
    });
    return { page: document.documentElement.scrollWidth - width, wide: wide.map((element) => element.textContent.slice(0, 80)) };
  });
  expect(over).toEqual({ page: 0, wide: [] });
}

/** A screen reader finds its way. */
async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
