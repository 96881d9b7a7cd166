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

/** Why it was refused: a number of the socket's protocol, the code of a problem over HTTP, or why it was not signed here. */
export type Refusal = ProblemCode | SigningProblem | 'said_otherwise' | number;

/** Why this browser does not sign what an organiser says. */
export const SIGNING_PROBLEMS = [
  'author_not_signed', 'author_signed_other', 'heads_unknown', 'key_not_good', 'key_not_listed', 'manifest_refused', 'no_key',
] as const;
export type SigningProblem = (typeof SIGNING_PROBLEMS)[number];

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
