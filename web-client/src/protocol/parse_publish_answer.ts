import type { Receipt } from '../model/outbox_item.ts';
import { isCount, isRecord } from './shape.ts';

/** Longer than any service asks for: what waits longer because of a mistake would seem to be lost. */
export const LONGEST_WAIT_MS = 10 * 60_000;

/** Where the post was stored and how safely, or `null` when the answer does not say that it was. */
export function parsePublishAnswer(data: unknown): Receipt | null {
  if (!isRecord(data)) return null;
  const { status, epoch, offset } = data;
  if ((status !== 'ok' && status !== 'accepted') || typeof epoch !== 'string' || !isCount(offset)) return null;
  return { position: { epoch, offset }, isDurable: status === 'ok' };
}

/** Whether the service says that it has kept receipts. */
export function isKept(data: unknown): boolean {
  return isRecord(data) && data['status'] === 'ok';
}

/** How long the service asks to wait before the same post is sent again, or `null` when it does not ask for that. */
export function parseRetryAfterMs(data: unknown): number | null {
  if (!isRecord(data) || data['status'] !== 'later' || !isCount(data['retry_after_ms'])) return null;
  return Math.min(data['retry_after_ms'], LONGEST_WAIT_MS);
}
