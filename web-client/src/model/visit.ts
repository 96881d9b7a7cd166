/** The reader's absence: when it began, and when this device had caught up after it (`null`: not yet). */
export interface Visit {
  readonly leftAt: number | null;
  readonly caughtUpAt: number | null;
}

export const FIRST_VISIT: Visit = { leftAt: null, caughtUpAt: null };

/** Of a noticeboard or a timeline. */
interface Arrival {
  readonly kind: string;
  readonly id: string;
  readonly arrivedAt: number;
}

export interface NewSinceLeft {
  readonly ids: ReadonlySet<string>;
  readonly firstId: string;
  readonly lastId: string;
}

/** What arrived during the absence; what comes while the reader watches is not "since you left". */
export function newSinceLeft(newestFirst: readonly Arrival[], visit: Visit): NewSinceLeft | null {
  const { leftAt, caughtUpAt } = visit;
  if (leftAt === null) return null;
  const fresh = newestFirst.filter(
    ({ kind, arrivedAt }) =>
      (kind === 'bulletin' || kind === 'note') && arrivedAt > leftAt && (caughtUpAt === null || arrivedAt <= caughtUpAt),
  );
  const first = fresh[0];
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return null;
  return { ids: new Set(fresh.map(({ id }) => id)), firstId: first.id, lastId: last.id };
}
