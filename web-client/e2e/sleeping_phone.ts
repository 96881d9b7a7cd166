import type { BrowserContext, CDPSession, Page, Worker } from '@playwright/test';
import type { Phone } from './push_service.ts';

/**
 * A phone whose browser has a push service. Chromium in a test reaches none of a vendor's: what its page asks of the
 * browser is answered with the phone's own keys, and what the push service brought is handed to the real worker, as the
 * browser would.
 */
export class SleepingPhone {
  readonly #page: Page;
  readonly #phone: Phone;
  /** Stays when the app's page is closed. */
  readonly #browser: Page;
  readonly #origin: string;

  /** Before the app is opened in the page. */
  static async of(page: Page, phone: Phone, origin: string): Promise<SleepingPhone> {
    const context = page.context();
    await context.addInitScript(answerForBrowser, phone.subscription);
    const sleeping = new SleepingPhone(page, phone, await context.newPage(), origin);
    return sleeping;
  }

  private constructor(page: Page, phone: Phone, browser: Page, origin: string) {
    this.#page = page;
    this.#phone = phone;
    this.#browser = browser;
    this.#origin = origin;
  }

  get context(): BrowserContext {
    return this.#page.context();
  }

  /** What its reader answers when the browser asks. */
  async allow(): Promise<void> {
    await this.context.grantPermissions(['notifications'], { origin: this.#origin });
  }

  /** Waits until the push service has something for it, and wakes the worker with it. Answers what it was. */
  async wokenWithin(ms: number): Promise<string> {
    const { text } = await this.#phone.next(ms);
    await this.wake(text);
    return text;
  }

  async wake(data: string): Promise<void> {
    const session = await this.context.newCDPSession(this.#browser);
    const registrationId = await registrationOf(session, this.#origin);
    await session.send('ServiceWorker.deliverPushMessage', { origin: this.#origin, registrationId, data });
    await session.detach();
  }

  /** What is on the locked screen. */
  async shown(): Promise<readonly OnScreen[]> {
    return (await this.worker()).evaluate(async () => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
      const all = await registration.getNotifications();
      return all.map(({ title, body, tag, lang, requireInteraction, silent, data }) => {
        return { title, body, tag, lang, requireInteraction, silent, opens: (data as { opens: string }).opens };
      });
    });
  }

  /**
   * Somebody taps on what is shown. A test's tap is none to the browser, which opens windows for real ones alone; answers
   * which address would be opened, or `null`: a page that is open was moved instead.
   */
  async tapped(): Promise<string | null> {
    return (await this.worker()).evaluate(async () => {
      const scope = globalThis as unknown as WorkerScope;
      const [notification] = await scope.registration.getNotifications();
      if (notification === undefined) throw new Error('nothing is shown');
      let opened: string | null = null;
      scope.clients.openWindow = async (address) => {
        opened = address;
        return null;
      };
      const done: Promise<unknown>[] = [];
      const tap = new scope.NotificationEvent('notificationclick', { notification });
      tap.waitUntil = (work: Promise<unknown>) => void done.push(work);
      scope.dispatchEvent(tap);
      await Promise.all(done);
      return opened;
    });
  }

  async worker(): Promise<Worker> {
    const find = (): Worker | undefined => this.context.serviceWorkers().find((each) => each.url() === `${this.#origin}/sw.js`);
    return find() ?? this.context.waitForEvent('serviceworker');
  }
}

/** What a worker has, as far as it is used here: the compiler knows pages alone. */
interface WorkerScope extends EventTarget {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { openWindow: (address: string) => Promise<unknown> };
  readonly NotificationEvent: new (name: string, init: { notification: Notification }) => Event & { waitUntil: (work: Promise<unknown>) => void };
}

export interface OnScreen {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly lang: string;
  readonly requireInteraction: boolean;
  readonly silent: boolean | null;
  readonly opens: string;
}

async function registrationOf(session: CDPSession, origin: string): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${origin}/` && !isDeleted);
      if (own !== undefined) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return found;
}

/** In the page: a subscription that stays over loads, and a new address each time one is asked for. */
function answerForBrowser({ prefix, p256dh, auth }: { prefix: string; p256dh: string; auth: string }): void {
  interface Kept {
    readonly number: number;
    readonly key: readonly number[] | null;
  }
  const NAME = 'e2e.push';
  const kept = (): Kept => JSON.parse(localStorage.getItem(NAME) ?? '{"number":0,"key":null}');
  const keep = (now: Kept): void => localStorage.setItem(NAME, JSON.stringify(now));
  const subscription = ({ number, key }: Kept): unknown => {
    if (key === null) return null;
    const endpoint = `${prefix}/${number}`;
    return {
      endpoint,
      options: { applicationServerKey: new Uint8Array(key).buffer, userVisibleOnly: true },
      toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }),
      async unsubscribe() {
        keep({ ...kept(), key: null });
        return true;
      },
    };
  };
  if (!('PushManager' in globalThis)) return;
  Object.assign(PushManager.prototype, {
    getSubscription: async () => subscription(kept()),
    async subscribe(options: { applicationServerKey: ArrayBuffer | Uint8Array }) {
      const before = kept();
      if (before.key === null) keep({ number: before.number + 1, key: [...new Uint8Array(options.applicationServerKey)] });
      return subscription(kept());
    },
  });
}
