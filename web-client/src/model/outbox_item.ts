import type { Bulletin } from './bulletin.ts';
import type { Position } from './position.ts';

/** The life of one post. `sending` is never stored: after a restart nobody knows, so it waits to be sent again. */
export type OutboxState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'posted'; readonly position: Position }
  | { readonly kind: 'refused'; readonly code: number };

export interface OutboxItem {
  readonly id: string;
  readonly channel: string;
  readonly bulletin: Bulletin;
  readonly createdAt: number;
  readonly state: OutboxState;
}
