import { isCount, isRecord } from './shape.ts';

/** The top of the stream at the moment of subscribing, as the server sends it along. */
export function parseTop(data: unknown): number | null {
  return isRecord(data) && isCount(data['top']) ? data['top'] : null;
}
