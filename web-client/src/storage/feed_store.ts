import type { Entry } from '../model/entry.ts';
import type { Bookmark } from '../model/position.ts';

export interface SavedFeed {
  readonly entries: readonly Entry[];
  readonly bookmarks: ReadonlyMap<string, Bookmark>;
  /** Until when the saved bulletins were known to be all there were; `null`: never known. */
  readonly currentAsOf: number | null;
}

/** What this device keeps of the feed. It is a cache: the server's history is the truth. */
export interface FeedStore {
  load(): Promise<SavedFeed>;
  /**
   * Keeps entries and the bookmark behind them in one transaction, so that a crash can neither skip nor repeat.
   * Of repeats the first stays. `false`: the device has another member now, nothing was kept, nothing may be shown.
   */
  record(channel: string, bookmark: Bookmark, entries: readonly Entry[]): Promise<boolean>;
  setCurrentAsOf(time: number): Promise<void>;
}

/** A bookmark never moves back: a second tab may be behind this one. */
export function laterBookmark(kept: Bookmark | undefined, next: Bookmark): Bookmark {
  if (kept === undefined || next.generation > kept.generation) return next;
  if (next.generation < kept.generation) return kept;
  return next.position.offset >= kept.position.offset ? next : kept;
}
