import { KINDS, LANGUAGES, type Bulletin, type BulletinText, type Language } from '../model/bulletin.ts';
import { isOneOf, isRecord } from './shape.ts';

const MAX_ID_CHARS = 128;

/** `null`: not a bulletin that this app can show. Unknown fields and further languages are left for later versions. */
export function parseBulletin(data: unknown): Bulletin | null {
  if (!isRecord(data)) return null;
  const { id, kind, texts } = data;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_CHARS) return null;
  if (!isOneOf(KINDS, kind) || !isRecord(texts)) return null;
  const known: { [L in Language]?: BulletinText } = {};
  for (const language of LANGUAGES) {
    const text = parseText(texts[language]);
    if (text !== null) known[language] = text;
  }
  return Object.keys(known).length === 0 ? null : { id, kind, texts: known };
}

function parseText(value: unknown): BulletinText | null {
  if (!isRecord(value) || typeof value['title'] !== 'string' || typeof value['body'] !== 'string') return null;
  return { title: value['title'], body: value['body'] };
}
