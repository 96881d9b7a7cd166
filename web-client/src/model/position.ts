/** A place in a channel's history. Offsets of different epochs have no order. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** Asks for everything that is retained. */
export const BEGINNING: Position = { epoch: '', offset: 0 };

/**
 * How far this device has read a channel. The generation counts breaks in the history that the server could not
 * bridge: within one generation offsets are comparable even when the epoch's name changed on the way.
 */
export interface Bookmark {
  readonly position: Position;
  readonly generation: number;
}

export const NOTHING_READ: Bookmark = { position: BEGINNING, generation: 0 };
