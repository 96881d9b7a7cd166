import type { BrowserAddress, PushAbility } from '../model/push.ts';
import { isRecord } from '../protocol/shape.ts';
import { installWay, thisBrowser } from './install_way.ts';

/** What the app asks of the browser's notifications. */
export interface BrowserPush {
  ability(): PushAbility;
  /** Has the browser ask its reader. Only on a click: browsers ask at no other time. */
  ask(): Promise<PushAbility>;
  address(): Promise<BrowserAddress | null>;
  /** `null`: the browser gives none, for instance because its push service cannot be reached. */
  take(publicKey: string): Promise<BrowserAddress | null>;
  giveBack(): Promise<void>;
  /** Tells the worker in which language to speak when it cannot read what came; `null`: it need not any more. */
  speak(language: string | null): Promise<void>;
  /** Takes from the screen what leads to an address of which `isSeen` says that its reader has been there. */
  tidy(isSeen: (address: string) => boolean): Promise<void>;
}

/** The worker is there shortly after the first load; who wants notifications sooner waits this long. */
const WORKER_WITHIN_MS = 10_000;

export function browserPush(isInstalled: () => boolean): BrowserPush {
  return {
    ability: () => abilityOf(isInstalled()),
    async ask() {
      await Notification.requestPermission();
      return abilityOf(isInstalled());
    },
    async address() {
      const subscription = await (await worker())?.pushManager.getSubscription();
      return subscription === null || subscription === undefined ? null : addressOf(subscription);
    },
    async take(publicKey) {
      try {
        const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) };
        const subscription = await (await worker())?.pushManager.subscribe(options);
        return subscription === undefined ? null : addressOf(subscription);
      } catch {
        return null;
      }
    },
    async giveBack() {
      await (await (await worker())?.pushManager.getSubscription())?.unsubscribe();
    },
    async speak(language) {
      (await worker())?.active?.postMessage({ language });
    },
    async tidy(isSeen) {
      for (const shown of (await (await worker())?.getNotifications()) ?? []) {
        const data: unknown = shown.data;
        if (isRecord(data) && typeof data['opens'] === 'string' && isSeen(data['opens'])) shown.close();
      }
    },
  };
}

function abilityOf(isInstalled: boolean): PushAbility {
  if (!isSecureContext || !('serviceWorker' in navigator)) return 'none';
  if ('PushManager' in globalThis && 'Notification' in globalThis) return Notification.permission;
  // An iPhone has notifications for apps on its home screen alone.
  return installWay(thisBrowser(isInstalled), false).kind.startsWith('ios') ? 'install' : 'none';
}

async function worker(): Promise<ServiceWorkerRegistration | null> {
  const late = new Promise<null>((answer) => void setTimeout(() => answer(null), WORKER_WITHIN_MS));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

function addressOf(subscription: PushSubscription): BrowserAddress | null {
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return null;
  const key = subscription.options.applicationServerKey;
  return { endpoint, keys: { p256dh, auth }, madeFor: key === null ? null : textOf(new Uint8Array(key)) };
}

/** Base64url without padding (RFC 4648, §5). */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
