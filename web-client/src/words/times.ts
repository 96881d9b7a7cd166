import { t } from './app_words.ts';

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

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

/** `Sat 28 Nov, 18:00`: for what is still to come. */
export function dayAndTimeWords(time: number, now: number): string {
  const weekday = t('time.weekdays').split(' ')[new Date(time).getDay()] ?? '';
  return t('time.date', { date: `${weekday} ${dateWords(time, now)}`, time: clockWords(time) });
}

/** `14:05`. */
export function clockWords(time: number): string {
  return clockFormat.format(time);
}

/** `Nov 2026`. */
export function monthWords(time: number): string {
  const date = new Date(time);
  return `${t('time.months').split(' ')[date.getMonth()] ?? ''} ${date.getFullYear()}`;
}

/** With month names of our own, because Chromium formats no dates in Welsh. */
function dateWords(time: number, now: number): string {
  const date = new Date(time);
  const month = t('time.months').split(' ')[date.getMonth()] ?? '';
  const day = `${date.getDate()} ${month}`;
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${date.getFullYear()}`;
}

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function dayBefore(time: number): number {
  const date = new Date(time);
  date.setDate(date.getDate() - 1);
  return date.getTime();
}
