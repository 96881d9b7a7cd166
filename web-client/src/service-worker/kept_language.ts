import { isNotificationLanguage, type NotificationLanguage } from './notification.ts';

/** Beside the files of the app, and only while this device wants notifications. */
const CACHE = 'notifications';
const ADDRESS = '/notifications/language';

/** A worker does not see what the page keeps, so the page tells it which language its reader chose; `null`: none any more. */
export async function keepLanguage(language: unknown): Promise<void> {
  if (!isNotificationLanguage(language)) return void (await caches.delete(CACHE));
  const cache = await caches.open(CACHE);
  await cache.put(ADDRESS, new Response(language));
}

/** What was chosen, else the first of the browser's languages that we speak. */
export async function keptLanguage(browserLanguages: readonly string[]): Promise<NotificationLanguage> {
  try {
    const kept: unknown = await (await caches.match(ADDRESS, { cacheName: CACHE }))?.text();
    if (isNotificationLanguage(kept)) return kept;
  } catch {
    // A browser that keeps nothing.
  }
  return browserLanguages.map((tag) => tag.toLowerCase().split('-')[0]).find(isNotificationLanguage) ?? 'en';
}
