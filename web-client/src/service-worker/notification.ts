/**
 * What the service has a browser's push service send to a phone that sleeps, in the shape of Declarative Web Push
 * (WebKit 2025, magic number 8030), as far as this app shows it.
 */
export interface PushNotification {
  readonly title: string;
  readonly body: string;
  readonly lang: string;
  readonly dir: 'auto' | 'ltr' | 'rtl';
  /** Of the same tag the later one stands in the place of the earlier one. */
  readonly tag: string;
  /** What is opened by it: always an address of this app. */
  readonly opens: string;
  readonly isUrgent: boolean;
  /** The number for the app's icon; `null`: none is said. */
  readonly badge: number | null;
  /** What the service is told with that it was shown; `null`: it is not told. */
  readonly shown: string | null;
}

export const NOTIFICATION_LANGUAGES = ['en', 'cy'] as const;
export type NotificationLanguage = (typeof NOTIFICATION_LANGUAGES)[number];

const WEB_PUSH = 8030;
/** Longer than these no phone shows; the service's own are far below. */
const MAX_TITLE = 200;
const MAX_BODY = 1_000;
const MAX_TAG = 200;
const MAX_TOKEN = 1_000;
const MAX_BADGE = 999;
const NEW_BULLETIN = { en: 'New bulletin', cy: 'Bwletin newydd' } as const;

/**
 * What to show for what came. A browser takes the permission away from who shows nothing, so there is always something: of
 * what cannot be read, that there is a bulletin, in the language that the reader chose.
 */
export function notificationOf(sent: string | null, origin: string, language: NotificationLanguage): PushNotification {
  const message = parsed(sent);
  const shown = message?.['web_push'] === WEB_PUSH ? record(message['notification']) : null;
  const own = record(message?.['holdfast']);
  const title = text(shown?.['title'], MAX_TITLE);
  const token = text(own?.['shown'], MAX_TOKEN);
  if (shown === null || title === null) return plain(origin, language, token);
  const { dir } = shown;
  return {
    title,
    body: text(shown['body'], MAX_BODY) ?? '',
    lang: text(shown['lang'], MAX_TAG) ?? language,
    dir: dir === 'ltr' || dir === 'rtl' ? dir : 'auto',
    tag: text(shown['tag'], MAX_TAG) ?? 'bulletin',
    opens: ownAddress(shown['navigate'], origin),
    isUrgent: own?.['urgent'] === true,
    badge: badgeOf(shown['app_badge']),
    shown: token,
  };
}

/** An address of this app, or else the app's first page: nothing that was sent leads anywhere else. */
export function ownAddress(address: unknown, origin: string): string {
  const first = `${origin}/`;
  if (typeof address !== 'string' || !URL.canParse(address)) return first;
  const url = new URL(address);
  return url.origin === origin && url.username === '' && url.password === '' ? url.href : first;
}

export function isNotificationLanguage(value: unknown): value is NotificationLanguage {
  return (NOTIFICATION_LANGUAGES as readonly unknown[]).includes(value);
}

function plain(origin: string, language: NotificationLanguage, shown: string | null): PushNotification {
  const title = NEW_BULLETIN[language];
  return { title, body: '', lang: language, dir: 'ltr', tag: 'bulletin', opens: `${origin}/`, isUrgent: false, badge: null, shown };
}

function parsed(sent: string | null): Readonly<Record<string, unknown>> | null {
  try {
    return record(JSON.parse(sent ?? ''));
  } catch {
    return null;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function text(value: unknown, max: number): string | null {
  return typeof value === 'string' && value.trim() !== '' && value.length <= max ? value : null;
}

/** As text, as Declarative Web Push has it, or as a number. */
function badgeOf(value: unknown): number | null {
  const count = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MAX_BADGE ? count : null;
}
