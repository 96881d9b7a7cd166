import type { Case, Fault } from './verdict.ts';
import type { Statement } from './statement.ts';

/** Where something is in the history of a channel. Offsets of one generation have an order. */
export interface Place {
  readonly channel: string;
  readonly generation: number;
  readonly offset: number;
}

/** What this device holds of what was signed. */
export interface Log {
  /** Statements by their hash, the earliest place of each. */
  readonly byHash: ReadonlyMap<string, Place>;
  /** Whether all of a channel's history, from its beginning to now, is here. */
  readonly isComplete: (channel: string) => boolean;
  /** Statements of which that was found out earlier, by their hash: without a connection it is not forgotten. */
  readonly wasMissing: ReadonlySet<string>;
}

/**
 * Statements name what was signed before them, as commits do in git. Where a channel's history is whole, all that is named
 * is here, and before. What goes to single people names nothing, so nobody can tell whether something of it is missing.
 */
export function chainFault(statement: Statement, { place, hash }: Case, log: Log): Fault | null {
  const first = log.byHash.get(hash);
  // What came again under its own name was left out already, so this is another place for the same words.
  if (first !== undefined && isBefore(first, place)) return 'replayed';
  for (const channel of statement.channels) {
    const named = statement.previous[channel] ?? null;
    if (named === null) continue;
    const found = log.byHash.get(named);
    if (found === undefined) {
      if (log.isComplete(channel) || log.wasMissing.has(hash)) return 'previous_missing';
    } else if (found.channel === place.channel && !isBefore(found, place)) {
      return 'previous_after';
    }
  }
  return null;
}

/** Between channels nothing is before anything. */
export function isBefore(a: Place, b: Place): boolean {
  if (a.channel !== b.channel) return false;
  return a.generation < b.generation || (a.generation === b.generation && a.offset < b.offset);
}
