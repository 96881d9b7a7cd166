import { keepLanguage } from './kept_language.ts';
import { follow, renew, show } from './push.ts';
import { addressOf, cacheName, outdated, routeOf, type ShellFile } from './shell.ts';

/**
 * Opens the app where there is no connection, and shows what is sent while it is closed. It keeps the files of the app's
 * first load, and no word of anybody.
 */
declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly ShellFile[] };

const FILES = self.__WB_MANIFEST;
const CACHE = cacheName(FILES);

self.addEventListener('install', (event) => event.waitUntil(keepShell()));
self.addEventListener('activate', (event) => event.waitUntil(begin()));
self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  switch (routeOf(method, mode, new URL(url), self.location.origin)) {
    case 'page':
      return event.respondWith(page(event.request));
    case 'file':
      return event.respondWith(file(event.request, event.clientId));
    case 'leave':
  }
});
// A new version waits until its reader wants it.
self.addEventListener('message', (event) => {
  const said: unknown = event.data;
  if (said === 'take-over') void self.skipWaiting();
  else if (typeof said === 'object' && said !== null && 'language' in said) event.waitUntil(keepLanguage(said.language));
});
self.addEventListener('push', (event) => event.waitUntil(show(event)));
self.addEventListener('notificationclick', (event) => event.waitUntil(follow(event.notification)));
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)));

/** All of it or nothing. What has its contents in its name comes from the browser's cache: the page has just loaded it. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((each) => new Request(addressOf(each), { cache: each.revision === null ? 'default' : 'no-cache' })));
}

async function begin(): Promise<void> {
  await Promise.all(outdated(await caches.keys(), CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match('/')) ?? fetch(request);
}

/** What the app loads later is kept when it first came. */
async function file(request: Request, client: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept !== undefined) return kept;
  const answer = await fetch(request);
  if (answer.ok && !(await isConsole(client))) await cache.put(request, answer.clone());
  return answer;
}

async function isConsole(client: string): Promise<boolean> {
  const page = await self.clients.get(client);
  return page === undefined || new URL(page.url).pathname.startsWith('/console');
}
