/** A place in the waiting room, as the service tells it. */
export interface Waiting {
  /** How many are before this device, with itself; `null` while that is not known. */
  readonly position: number | null;
  /** About how long until it may come in. */
  readonly waitMs: number;
}

export type Estimate =
  | { readonly kind: 'long' }
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'short' };

const MINUTE_MS = 60_000;
/** The service tells no longer wait than this one, however long it is. */
const LONGEST_TOLD_MS = 60 * MINUTE_MS;

/** As exact as an estimate can be: whole minutes, and never too few. */
export function estimate({ waitMs }: Waiting): Estimate {
  if (waitMs >= LONGEST_TOLD_MS) return { kind: 'long' };
  return waitMs < MINUTE_MS ? { kind: 'short' } : { kind: 'minutes', minutes: Math.ceil(waitMs / MINUTE_MS) };
}

/** Whether a listener should be told again: each answer has other figures, but only half or double the wait is news. */
export function isNews(told: Waiting | null, waiting: Waiting): boolean {
  if (told === null) return true;
  if (estimate(told).kind === estimate(waiting).kind && estimate(told).kind !== 'minutes') return false;
  return waiting.waitMs <= told.waitMs / 2 || waiting.waitMs >= told.waitMs * 2;
}
