import type { Position } from '../model/position.ts';
import { isCount, isRecord } from './shape.ts';

/** Where the post was stored, or `null` when the answer does not say that it was. */
export function parsePublishAnswer(data: unknown): Position | null {
  if (!isRecord(data) || data['status'] !== 'ok') return null;
  const { epoch, offset } = data;
  return typeof epoch === 'string' && isCount(offset) ? { epoch, offset } : null;
}
