import type { Language } from '../model/bulletin.ts';
import { t } from './app_words.ts';
import { language } from './translator.ts';

const locales = { en: 'en-GB', cy: 'cy' } as const satisfies { [L in Language]: string };

/** `Today 14:05`, `Yesterday 09:10`, `3 Nov, 09:10`. */
export function momentWords(time: number, now: number): string {
  const clock = clockWords(time);
  if (isSameDay(time, now)) return t('time.today', { time: clock });
  if (isSameDay(time, dayBefore(now))) return t('time.yesterday', { time: clock });
  return t('time.date', { date: dateWords(time, now), time: clock });
}

/** As short as it can be without becoming wrong: the date only when it is another day. */
export function asOfWords(time: number, now: number): string {
  return isSameDay(time, now) ? clockWords(time) : t('time.date', { date: dateWords(time, now), time: clockWords(time) });
}

function clockWords(time: number): string {
  return format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, time);
}

function dateWords(time: number, now: number): string {
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format({ day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) }, time);
}

function format(options: Intl.DateTimeFormatOptions, time: number): string {
  return new Intl.DateTimeFormat(locales[language.value], options).format(time);
}

function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function dayBefore(time: number): number {
  const date = new Date(time);
  date.setDate(date.getDate() - 1);
  return date.getTime();
}
