import { describe, expect, it } from 'vitest';
import { mannerOf, pageFor } from './manner.ts';
import { notificationOf, ownAddress } from './notification.ts';
import { renewalKey } from './renewal.ts';

const ORIGIN = 'https://holdfast.example';
const MESSAGE = {
  web_push: 8030,
  notification: {
    title: 'Urgent bulletin',
    lang: 'en',
    dir: 'ltr',
    navigate: `${ORIGIN}/#bulletins/b1`,
    tag: 'b1',
    silent: false,
    app_badge: '1',
  },
  holdfast: { id: 'b1', kind: 'bulletin', urgent: true, at: 1_790_000_000_000, shown: 'token' },
};
const of = (message: unknown, language: 'cy' | 'en' = 'en') => notificationOf(JSON.stringify(message), ORIGIN, language);
const withShown = (changed: object) => of({ ...MESSAGE, notification: { ...MESSAGE.notification, ...changed } });

describe('what came while nobody looked', () => {
  it('says what the service sent', () => {
    expect(of(MESSAGE)).toEqual({
      title: 'Urgent bulletin',
      body: '',
      lang: 'en',
      dir: 'ltr',
      tag: 'b1',
      opens: `${ORIGIN}/#bulletins/b1`,
      isUrgent: true,
      badge: 1,
      shown: 'token',
    });
  });

  it.each([
    ['nothing', null],
    ['no JSON', 'New bulletin'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another shape', JSON.stringify({ ...MESSAGE, web_push: 1 })],
    ['no notification', JSON.stringify({ web_push: 8030, notification: 'x' })],
    ['no title', JSON.stringify({ ...MESSAGE, notification: { ...MESSAGE.notification, title: '   ' } })],
    ['a title that goes on and on', JSON.stringify({ ...MESSAGE, notification: { ...MESSAGE.notification, title: 'x'.repeat(5_000) } })],
  ])('is a new bulletin in the reader’s language when it is %s', (_what, sent) => {
    expect(notificationOf(sent, ORIGIN, 'cy')).toMatchObject({ title: 'Bwletin newydd', lang: 'cy', body: '', opens: `${ORIGIN}/`, isUrgent: false });
    expect(notificationOf(sent, ORIGIN, 'en').title).toBe('New bulletin');
  });

  it('is told to be shown also when only the token could be read', () => {
    expect(of({ ...MESSAGE, web_push: 0 }).shown).toBe('token');
  });

  it('is shown without what is wrong in it', () => {
    expect(withShown({ body: 7, dir: 'up', tag: '', app_badge: '-1', lang: null })).toMatchObject({
      title: 'Urgent bulletin',
      body: '',
      dir: 'auto',
      tag: 'bulletin',
      badge: null,
      lang: 'en',
    });
  });

  it.each(['https://elsewhere.example/#bulletins/b1', 'javascript:alert(1)', '//elsewhere.example', 'https://a:b@holdfast.example/', 7, undefined])(
    'leads to the app, never to %s',
    (navigate) => {
      expect(withShown({ navigate }).opens).toBe(`${ORIGIN}/`);
      expect(ownAddress(navigate, ORIGIN)).toBe(`${ORIGIN}/`);
    },
  );
});

describe('how it is shown', () => {
  it('stays when it is urgent, and takes the place of what it stands for', () => {
    expect(mannerOf(of(MESSAGE), false)).toMatchObject({ tag: 'b1', renotify: true, requireInteraction: true, silent: false });
    expect(mannerOf(of({ ...MESSAGE, holdfast: {} }), false)).toMatchObject({ requireInteraction: false, silent: false });
  });

  it('is without a sound for who has it before their eyes', () => {
    expect(mannerOf(of(MESSAGE), true)).toMatchObject({ renotify: false, requireInteraction: false, silent: true });
  });
});

describe('an address that the browser changed', () => {
  const applicationServerKey = new ArrayBuffer(65);
  const subscription = { options: { applicationServerKey } };

  it('is taken again with the same key', () => {
    expect(renewalKey({ oldSubscription: subscription })).toBe(applicationServerKey);
    expect(renewalKey({ oldSubscription: subscription, newSubscription: null })).toBe(applicationServerKey);
  });

  it('is left to the browser that has done so itself, and to the app’s next load where nothing is known', () => {
    expect(renewalKey({ oldSubscription: subscription, newSubscription: subscription })).toBeNull();
    expect(renewalKey({})).toBeNull();
    expect(renewalKey({ oldSubscription: { options: { applicationServerKey: null } } })).toBeNull();
  });
});

describe('where it leads', () => {
  const page = (url: string, visibilityState = 'hidden') => ({ url, visibilityState });

  it('is the app that is open, seen before hidden', () => {
    const [hidden, seen] = [page(`${ORIGIN}/#me`), page(`${ORIGIN}/`, 'visible')];
    expect(pageFor([hidden, seen], ORIGIN)).toBe(seen);
    expect(pageFor([hidden], ORIGIN)).toBe(hidden);
    const joined = page(`${ORIGIN}/join#invite`, 'visible');
    expect(pageFor([hidden, joined], ORIGIN)).toBe(joined);
  });

  it('is neither the console nor what is not ours', () => {
    expect(pageFor([page(`${ORIGIN}/console`, 'visible'), page('https://elsewhere.example/', 'visible')], ORIGIN)).toBeNull();
  });
});
