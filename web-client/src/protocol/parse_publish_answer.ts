import type { Receipt } from '../model/outbox_item.ts';
import { isCount, isRecord } from './shape.ts';

/** Where the post was stored and how safely, or `null` when the answer does not say that it was. */
export function parsePublishAnswer(data: unknown): Receipt | null {
  if (!isRecord(data)) return null;
  const { status, epoch, offset } = data;
  if ((status !== 'ok' && status !== 'accepted') || typeof epoch !== 'string' || !isCount(offset)) return null;
  return { position: { epoch, offset }, isDurable: status === 'ok' };
}
