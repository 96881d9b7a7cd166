import type { ToldToWait } from '../protocol/parse_waiting.ts';
import { isCount, isRecord } from '../protocol/shape.ts';

/** What one tab tells the others, so that one of them asks for all. */
export type Word = { readonly kind: 'admitted' } | ({ readonly kind: 'waiting' } & ToldToWait);

/** The other tab may be of another version. */
export function parseWord(message: unknown): Word | null {
  if (!isRecord(message)) return null;
  if (message['kind'] === 'admitted') return { kind: 'admitted' };
  const { kind, waiting, askAgainMs } = message;
  if (kind !== 'waiting' || !isRecord(waiting) || !isCount(askAgainMs)) return null;
  const { position, waitMs } = waiting;
  return isCount(position) && isCount(waitMs) ? { kind, waiting: { position, waitMs }, askAgainMs } : null;
}
