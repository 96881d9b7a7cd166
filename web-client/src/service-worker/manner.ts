import type { PushNotification } from './notification.ts';

/** How a notification is shown, in the words of the platform; the compiler knows no `renotify`. */
export interface Manner {
  readonly body: string;
  readonly lang: string;
  readonly dir: 'auto' | 'ltr' | 'rtl';
  readonly tag: string;
  readonly renotify: boolean;
  readonly requireInteraction: boolean;
  readonly silent: boolean;
  readonly icon: string;
  readonly badge: string;
  readonly data: { readonly opens: string };
}

const ICON = '/icon-192.png';

/**
 * What is urgent stays until somebody does something about it. Who has the bulletin before their eyes already is not
 * disturbed once more: it is shown without a sound, because browsers want something shown for each one that comes.
 */
export function mannerOf(notification: PushNotification, isSeenAlready: boolean): Manner {
  const { body, lang, dir, tag, opens } = notification;
  return {
    body,
    lang,
    dir,
    tag,
    renotify: !isSeenAlready,
    requireInteraction: notification.isUrgent && !isSeenAlready,
    silent: isSeenAlready,
    icon: ICON,
    badge: ICON,
    data: { opens },
  };
}

/** A page of this browser, as far as it matters to whom a notification leads. */
export interface OpenPage {
  readonly url: string;
  readonly visibilityState: string;
}

/** Where the app may have been opened: whoever has just joined stays on the page that the invite opened. */
const APP_PATHS: readonly string[] = ['/', '/join'];

/** The app's own page to go on with, one that is seen first; never the console or another page of the service. */
export function pageFor<P extends OpenPage>(pages: readonly P[], origin: string): P | null {
  const own = pages.filter(({ url }) => {
    const page = new URL(url);
    return page.origin === origin && APP_PATHS.includes(page.pathname);
  });
  return own.find(isSeen) ?? own[0] ?? null;
}

export function isSeen({ visibilityState }: OpenPage): boolean {
  return visibilityState === 'visible';
}
