import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { browserPush, type BrowserPush } from './push.ts';

/** 65 bytes, with all that base64url has of its own. */
const KEY = `B${'-_'.repeat(42)}-8`;
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1';

/** A browser's own push, as a page sees it. */
class FakePushManager {
  subscription: PushSubscription | null = null;
  asked: PushSubscriptionOptionsInit[] = [];
  keys: Record<string, string> = { p256dh: 'p', auth: 'a' };

  getSubscription = async (): Promise<PushSubscription | null> => this.subscription;

  subscribe = async (options: PushSubscriptionOptionsInit): Promise<PushSubscription> => {
    this.asked.push(options);
    const { applicationServerKey } = options;
    if (!(applicationServerKey instanceof Uint8Array)) throw new TypeError('no key');
    const made = {
      options: { applicationServerKey: applicationServerKey.buffer },
      toJSON: () => ({ endpoint: 'https://push.example/1', keys: this.keys }),
      unsubscribe: async () => {
        this.subscription = null;
        return true;
      },
    };
    this.subscription = made as unknown as PushSubscription;
    return this.subscription;
  };
}

let manager: FakePushManager;
let told: unknown[];
let onScreen: unknown[];
let push: BrowserPush;

beforeEach(() => {
  manager = new FakePushManager();
  told = [];
  onScreen = [];
  const registration = { pushManager: manager, active: { postMessage: (message: unknown) => told.push(message) }, getNotifications: async () => onScreen };
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('PushManager', FakePushManager);
  vi.stubGlobal('Notification', { permission: 'default', requestPermission: async () => 'granted' });
  vi.stubGlobal('navigator', { serviceWorker: { ready: Promise.resolve(registration) }, userAgent: 'Chrome', maxTouchPoints: 0 });
  push = browserPush(() => false);
});

afterEach(() => vi.unstubAllGlobals());

describe('what a browser can', () => {
  it('is what its reader answered', () => {
    expect(push.ability()).toBe('default');
    vi.stubGlobal('Notification', { permission: 'denied' });
    expect(push.ability()).toBe('denied');
  });

  it('is nothing without a worker, or where the address is not secure', () => {
    vi.stubGlobal('isSecureContext', false);
    expect(push.ability()).toBe('none');
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('navigator', { userAgent: 'Chrome', maxTouchPoints: 0 });
    expect(push.ability()).toBe('none');
  });

  it('is to put the app on the home screen first, on an iPhone alone', () => {
    Reflect.deleteProperty(globalThis, 'PushManager');
    expect(push.ability()).toBe('none');
    vi.stubGlobal('navigator', { serviceWorker: {}, userAgent: IPHONE, maxTouchPoints: 5 });
    expect(push.ability()).toBe('install');
    expect(browserPush(() => true).ability()).toBe('none');
  });
});

describe('an address', () => {
  it('is made for the service’s key, and says for which', async () => {
    expect(await push.address()).toBeNull();
    const address = { endpoint: 'https://push.example/1', keys: { p256dh: 'p', auth: 'a' }, madeFor: KEY };
    expect(await push.take(KEY)).toEqual(address);
    expect(await push.address()).toEqual(address);
    expect(manager.asked[0]?.userVisibleOnly).toBe(true);
  });

  it('is none when the browser gives none, or one without keys', async () => {
    manager.keys = {};
    expect(await push.take(KEY)).toBeNull();
    manager.subscribe = async () => Promise.reject(new DOMException('push service unreachable', 'AbortError'));
    expect(await push.take(KEY)).toBeNull();
  });

  it('is given back', async () => {
    await push.take(KEY);
    await push.giveBack();
    expect(await push.address()).toBeNull();
    await push.giveBack();
  });
});

it('what its reader has seen goes from the screen, and nothing else', async () => {
  const closed: string[] = [];
  const shown = (opens: unknown) => ({ data: { opens }, close: () => closed.push(String(opens)) });
  onScreen = [shown('https://holdfast.example/#bulletins/b1'), shown('https://holdfast.example/#bulletins/b2'), shown(7), { ...shown(''), data: null }];
  await push.tidy((address) => address.endsWith('/b1'));
  expect(closed).toEqual(['https://holdfast.example/#bulletins/b1']);
});

it('the worker is told which language to speak', async () => {
  await push.speak('cy');
  await push.speak(null);
  expect(told).toEqual([{ language: 'cy' }, { language: null }]);
});
