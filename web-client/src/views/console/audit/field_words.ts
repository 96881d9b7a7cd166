import en from '../../../words/console/audit.en.json';
import { a } from '../../../words/console/audit_words.ts';
import { momentWords } from '../../../words/times.ts';

type FieldKey = Extract<keyof typeof en, `field.${string}`>;

/** Fields that hold a time, in milliseconds since 1970. */
const TIMES = /(^|\.)(until|at|since|expires_at|created_at|[a-z_]+_ms)$/;
/** Below that it is no time of ours, but a duration or a count. */
const FIRST_TIME = Date.UTC(2020, 0, 1);

/** A field by its name in words; one that is not known stands there as it is. */
export function fieldWords(field: string): string {
  const key = `field.${field}`;
  return isFieldKey(key) ? a(key) : field.replaceAll('_', ' ');
}

export function valueWords(field: string, value: string, now: number): string {
  const time = TIMES.test(field) ? Number(value) : Number.NaN;
  return time >= FIRST_TIME ? momentWords(time, now) : value;
}

function isFieldKey(key: string): key is FieldKey {
  return Object.hasOwn(en, key);
}
