import type { Bulletin } from './bulletin.ts';
import type { Position } from './position.ts';

/** The service has it. Not durable: its operator chose a store that may lose the latest in a crash. */
export interface Receipt {
  readonly position: Position;
  readonly isDurable: boolean;
}

/** The life of one post. `sending` is never stored: after a restart nobody knows, so it waits to be sent again. */
export type OutboxState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  | ({ readonly kind: 'posted' } & Receipt)
  | { readonly kind: 'refused'; readonly code: number };

export interface OutboxItem {
  readonly id: string;
  /** The member who wrote it: nobody else sends it. */
  readonly author: string;
  readonly channel: string;
  readonly bulletin: Bulletin;
  readonly createdAt: number;
  readonly state: OutboxState;
}
