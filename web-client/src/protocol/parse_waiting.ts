import type { Waiting } from '../model/waiting.ts';
import { isCount, isRecord } from './shape.ts';

export interface ToldToWait {
  readonly waiting: Waiting;
  /** How long not to ask again. */
  readonly askAgainMs: number;
}

/** Longest time that anybody can make us wait before we ask again; nobody could wait for it in front of a page. */
export const ASK_AGAIN_MAX_MS = 600_000;
const ASK_AGAIN_MIN_MS = 1_000;

/** A place in the waiting room, or `null` if this is none. The place itself is a cookie, and not for us. */
export function parseWaiting(status: number, body: unknown): ToldToWait | null {
  if (status !== 503 || !isRecord(body) || body['code'] !== 'waiting') return null;
  // Without a position the service does not know yet where we belong.
  const { position = null, wait_s: waitS, retry_after_s: retryAfterS } = body;
  if ((position !== null && !isCount(position)) || position === 0 || !isCount(waitS) || !isCount(retryAfterS)) return null;
  return { waiting: { position, waitMs: waitS * 1_000 }, askAgainMs: within(retryAfterS) };
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3). Its other form, a date, is a proxy's, and its clock may be wrong. */
export function parseRetryAfter(header: string | null): number {
  return header !== null && /^\d{1,9}$/.test(header) ? within(Number(header)) : 0;
}

function within(seconds: number): number {
  return Math.min(ASK_AGAIN_MAX_MS, Math.max(ASK_AGAIN_MIN_MS, seconds * 1_000));
}
