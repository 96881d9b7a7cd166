import { isCount, isRecord } from './shape.ts';

export interface FeltAnswer {
  /** The server's clock when it answered. */
  readonly serverNow: number;
  readonly againInMs: number;
}

/** Sooner than this nobody reports again, whatever the answer says. */
const AGAIN_MIN_MS = 60_000;
const AGAIN_MAX_MS = 3_600_000;

export function parseFeltAnswer(body: unknown): FeltAnswer | null {
  if (!isRecord(body) || !isCount(body['now_ms']) || !isCount(body['again_in_s'])) return null;
  const againInMs = Math.min(Math.max(body['again_in_s'] * 1_000, AGAIN_MIN_MS), AGAIN_MAX_MS);
  return { serverNow: body['now_ms'], againInMs };
}
