import type { ProblemCode } from '../protocol/api.gen.ts';
import type { Letter } from './letter.ts';
import type { Position } from './position.ts';

/** The service has it. Not durable: its operator chose a store that may lose the latest in a crash. */
export interface Receipt {
  /** Where it is in its channel; `null` for what goes into none. */
  readonly position: Position | null;
  readonly isDurable: boolean;
  /** When the service took it, if it said so. */
  readonly at?: number;
}

/** Why it was refused: a number of the socket's protocol, or the code of a problem over HTTP. */
export type Refusal = ProblemCode | number;

/** The life of one post. `sending` is never stored: after a restart nobody knows, so it waits to be sent again. */
export type OutboxState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  | ({ readonly kind: 'posted' } & Receipt)
  | { readonly kind: 'refused'; readonly code: Refusal };

export interface OutboxItem<L extends Letter = Letter> {
  /** Under it the service knows a repeat. */
  readonly id: string;
  /** The member who wrote it: nobody else sends it. */
  readonly author: string;
  readonly letter: L;
  readonly createdAt: number;
  readonly state: OutboxState;
}
