/** When a device keeps quiet about what came, as its member chose on it. Nothing is lost by it: all is there to read. */
export interface Quiet {
  /** Channels of which this device says nothing: no number, no mark. */
  readonly muted: readonly string[];
  /** Each day, by the clock on the wall; `null`: never. */
  readonly hours: QuietHours | null;
  /** Whether what is urgent is told all the same, also of a muted channel. */
  readonly isUrgentTold: boolean;
}

/** Minutes since midnight. From later than until goes over midnight; the same is the whole day. */
export interface QuietHours {
  readonly from: number;
  readonly until: number;
}

export const NOT_QUIET: Quiet = { muted: [], hours: null, isUrgentTold: true };
export const DAY_MINUTES = 24 * 60;
/** Offered to who has not chosen yet: 22:00 to 07:00. */
export const USUAL_HOURS: QuietHours = { from: 22 * 60, until: 7 * 60 };

/** `hold`: it is told when the quiet hours end. `mute`: it is not told. */
export type Telling = 'hold' | 'mute' | 'tell';

export interface Came {
  readonly channel: string;
  readonly isUrgent: boolean;
}

/** Whether a device tells of what came, at a minute of its own day. */
export function tellingOf(quiet: Quiet, { channel, isUrgent }: Came, minute: number): Telling {
  if (isUrgent && quiet.isUrgentTold) return 'tell';
  if (quiet.muted.includes(channel)) return 'mute';
  return quiet.hours !== null && isWithin(quiet.hours, minute) ? 'hold' : 'tell';
}

/** Whether what came counts as unread. In quiet hours it does: they are about being disturbed, not about what is new. */
export function countsAsUnread(quiet: Quiet, came: Came): boolean {
  return tellingOf({ ...quiet, hours: null }, came, 0) === 'tell';
}

function isWithin({ from, until }: QuietHours, minute: number): boolean {
  if (from === until) return true;
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

export function minuteOfDay(time: Date): number {
  return time.getHours() * 60 + time.getMinutes();
}

/** `07:00`, as time fields have it. */
export function clockText(minute: number): string {
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

export function minuteFromText(text: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}
