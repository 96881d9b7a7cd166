import {
  isBulletinId,
  KINDS,
  LANGUAGES,
  MAX_TITLE_CHARS,
  MEDIA,
  REFERS,
  URGENCIES,
  type Attachment,
  type Bulletin,
  type BulletinText,
  type EventTime,
  type Labels,
  type Language,
  type Link,
  type Place,
  type Reference,
} from '../model/bulletin.ts';
import { KEY, MAX_SIGNATURES, MAX_STATEMENT_CHARS, SIGNATURE, type Signature, type Signed } from '../model/signed.ts';
import { webAddress } from '../model/linkify.ts';
import { isCount, isOneOf, isRecord, type Parse } from './shape.ts';

const MAX_ID_CHARS = 128;
const MAX_LINKS = 8;
const MAX_URL_CHARS = 2_048;
const MAX_ATTACHMENTS = 4;
const MAX_ATTACHMENT_BYTES = 2 * 1024 * 1024;
/** What it is about, and what it corrects. */
const MAX_REFERENCES = 9;
/** The last moment that a date can be of. */
const END_OF_TIME_MS = 8.64e15;

/**
 * `null`: not a bulletin that this app can show. Unknown fields and further languages are left for later versions; what
 * goes with the text and cannot be read is left out, so that the text is read.
 */
export function parseBulletin(data: unknown): Bulletin | null {
  if (!isRecord(data)) return null;
  const { id, kind, texts, urgency } = data;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_CHARS) return null;
  if (!isOneOf(KINDS, kind) || !isRecord(texts)) return null;
  const known = perLanguage(texts, parseText);
  if (Object.keys(known).length === 0) return null;
  const links = parseList(data['links'], MAX_LINKS, parseLink);
  const attachments = parseList(data['attachments'], MAX_ATTACHMENTS, parseAttachment);
  const references = parseList(data['references'], MAX_REFERENCES, parseReference);
  const place = parsePlace(data['place']);
  const event = parseEvent(data['event']);
  const expiresAt = data['expires_at'];
  const signed = parseSigned(data);
  return {
    id,
    kind,
    texts: known,
    ...(isOneOf(URGENCIES, urgency) && { urgency }),
    ...(links.length > 0 && { links }),
    ...(attachments.length > 0 && { attachments }),
    ...(place !== null && { place }),
    ...(event !== null && { event }),
    ...(isTime(expiresAt) && { expiresAt }),
    ...(references.length > 0 && { references }),
    ...(signed !== null && { signed }),
  };
}

function perLanguage<T>(values: Readonly<Record<string, unknown>>, parse: Parse<T>): { [L in Language]?: T } {
  const known: { [L in Language]?: T } = {};
  for (const language of LANGUAGES) {
    const value = parse(values[language]);
    if (value !== null) known[language] = value;
  }
  return known;
}

function parseList<T>(value: unknown, most: number, parse: Parse<T>): T[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, most)
    .map(parse)
    .filter((each) => each !== null);
}

function parseText(value: unknown): BulletinText | null {
  if (!isRecord(value) || typeof value['title'] !== 'string' || typeof value['body'] !== 'string') return null;
  return { title: value['title'], body: value['body'] };
}

function parseLink(value: unknown): Link | null {
  if (!isRecord(value) || typeof value['url'] !== 'string' || value['url'].length > MAX_URL_CHARS) return null;
  const url = webAddress(value['url']);
  return url === null ? null : { url, label: parseLabels(value['label']) };
}

function parseAttachment(value: unknown): Attachment | null {
  if (!isRecord(value)) return null;
  const { id, media, bytes } = value;
  if (typeof id !== 'string' || !/^a[\w-]{22}$/.test(id) || !isOneOf(MEDIA, media)) return null;
  if (!isCount(bytes) || bytes > MAX_ATTACHMENT_BYTES) return null;
  return { id, media, bytes, label: parseLabels(value['label']) };
}

function parseLabels(value: unknown): Labels {
  return isRecord(value) ? perLanguage(value, parseLine) : {};
}

function parseLine(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && [...value].length <= MAX_TITLE_CHARS ? value : null;
}

function parsePlace(value: unknown): Place | null {
  if (!isRecord(value)) return null;
  const { lat, lon } = value;
  const label = parseLine(value['label']);
  return isDegrees(lat, 90) && isDegrees(lon, 180) && label !== null ? { lat, lon, label } : null;
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most;
}

function parseEvent(value: unknown): EventTime | null {
  if (!isRecord(value) || !isTime(value['from'])) return null;
  const { from, until } = value;
  return { from, until: isTime(until) && until > from ? until : null };
}

function isTime(value: unknown): value is number {
  return isCount(value) && value <= END_OF_TIME_MS;
}

function parseReference(value: unknown): Reference | null {
  if (!isRecord(value) || typeof value['id'] !== 'string') return null;
  const { id, how } = value;
  return isBulletinId(id) && isOneOf(REFERS, how) ? { id, how } : null;
}

/** What is not even a signature in its form shows nothing. */
function parseSigned({ signed, override, test }: Readonly<Record<string, unknown>>): Signed | null {
  if (!isRecord(signed)) return null;
  const { statement, signatures } = signed;
  if (typeof statement !== 'string' || statement.length > MAX_STATEMENT_CHARS) return null;
  return { statement, signatures: parseList(signatures, MAX_SIGNATURES, parseSignature), override: override === true, isTest: test === true };
}

function parseSignature(value: unknown): Signature | null {
  if (!isRecord(value)) return null;
  const { key, signature } = value;
  const isSignature = typeof key === 'string' && KEY.test(key) && typeof signature === 'string' && SIGNATURE.test(signature);
  return isSignature ? { key, signature } : null;
}
