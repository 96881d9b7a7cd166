import { keptLanguage } from './kept_language.ts';
import { isSeen, mannerOf, pageFor } from './manner.ts';
import { notificationOf, ownAddress } from './notification.ts';
import { renewalKey, type Change } from './renewal.ts';

declare const self: ServiceWorkerGlobalScope;

/** A page that does not say within this that it has the bulletin has not: then the phone is disturbed. */
const PAGE_ANSWERS_MS = 500;
const SHOWN_PATH = '/v1/push/shown';

/** Shows what came, whatever becomes of the rest. */
export async function show(event: PushEvent): Promise<void> {
  const notification = notificationOf(event.data?.text() ?? null, self.location.origin, await keptLanguage(navigator.languages));
  const isSeenAlready = await isBeforeSomebody().catch(() => false);
  await self.registration.showNotification(notification.title, mannerOf(notification, isSeenAlready));
  await Promise.allSettled([
    notification.badge === null || isSeenAlready ? null : navigator.setAppBadge?.(notification.badge),
    notification.shown === null ? null : tellShown(notification.shown),
  ]);
}

/** The app as it is open goes there; if it is not, it is opened there. */
export async function follow(notification: Notification): Promise<void> {
  notification.close();
  const data: unknown = notification.data;
  const wanted = typeof data === 'object' && data !== null && 'opens' in data ? data.opens : null;
  const address = ownAddress(wanted, self.location.origin);
  const page = pageFor(await self.clients.matchAll({ type: 'window', includeUncontrolled: true }), self.location.origin);
  if (page === null) return void (await self.clients.openWindow(address));
  try {
    // First while the browser still takes it for what somebody did.
    const front = await page.focus().catch(() => page);
    await front.navigate(address);
  } catch {
    // A page that this worker does not look after cannot be moved by it.
    await self.clients.openWindow(address);
  }
}

/**
 * The browser gave this device another address. It is taken at once; the app tells the service at its next load, when it
 * finds that the address is not the one it told.
 */
export async function renew(event: Event): Promise<void> {
  const key = renewalKey(event as Change);
  if (key !== null) await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** Whether the app is seen and live somewhere, so that its reader has it before their eyes. */
async function isBeforeSomebody(): Promise<boolean> {
  const pages = await self.clients.matchAll({ type: 'window' });
  const page = pageFor(pages.filter(isSeen), self.location.origin);
  if (page === null) return false;
  const { port1, port2 } = new MessageChannel();
  return new Promise<boolean>((answer) => {
    const timer = setTimeout(() => answer(false), PAGE_ANSWERS_MS);
    port1.addEventListener('message', ({ data }) => {
      clearTimeout(timer);
      answer(data === true);
    });
    port1.start();
    page.postMessage('is-live', [port2]);
  }).finally(() => port1.close());
}

async function tellShown(token: string): Promise<void> {
  await fetch(SHOWN_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
    credentials: 'omit',
    keepalive: true,
  });
}
