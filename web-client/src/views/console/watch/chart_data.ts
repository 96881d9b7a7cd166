import type { PostureName, WatchPoint } from '../../../protocol/api.gen.ts';

/** Seconds that one point counts. */
const POINT_S = 5;
const MINUTE_MS = 60_000;

export interface Series {
  /** Seconds since 1970, as the chart wants them. */
  readonly times: readonly number[];
  readonly admitted: readonly number[];
  readonly waiting: readonly number[];
  readonly refused: readonly number[];
  readonly delayMs: readonly (number | null)[];
}

/** A second's worth of people at each point, members and strangers together. */
export function seriesOf(points: readonly WatchPoint[]): Series {
  return {
    times: points.map(({ at_ms }) => at_ms / 1_000),
    admitted: points.map(({ admitted }) => perSecond(admitted)),
    waiting: points.map(({ waiting }) => perSecond(waiting)),
    refused: points.map(({ refused }) => perSecond(refused)),
    delayMs: points.map(({ delay_ms }) => delay_ms ?? null),
  };
}

/** A minute of the chart, for those who read it as a table. */
export interface Minute {
  readonly at: number;
  readonly admitted: number;
  readonly waiting: number;
  readonly refused: number;
  readonly delayMs: number | null;
  readonly posture: PostureName;
}

const HARDNESS: Readonly<Record<PostureName, number>> = { normal: 0, elevated: 1, under_attack: 2, survival: 3 };

/** What came in each minute, the latest first; of the delay and the posture the worst. */
export function minutesOf(points: readonly WatchPoint[]): readonly Minute[] {
  const minutes = new Map<number, Minute>();
  for (const point of points) {
    // A point counts the five seconds before it.
    const at = Math.floor((point.at_ms - 1) / MINUTE_MS) * MINUTE_MS;
    const before = minutes.get(at);
    const delays = [before?.delayMs, point.delay_ms].filter((delay) => typeof delay === 'number');
    const isHarder = before === undefined || HARDNESS[point.posture] > HARDNESS[before.posture];
    minutes.set(at, {
      at,
      admitted: (before?.admitted ?? 0) + both(point.admitted),
      waiting: (before?.waiting ?? 0) + both(point.waiting),
      refused: (before?.refused ?? 0) + both(point.refused),
      delayMs: delays.length === 0 ? null : Math.max(...delays),
      posture: isHarder ? point.posture : before.posture,
    });
  }
  return [...minutes.values()].reverse();
}

function both({ members, strangers }: WatchPoint['admitted']): number {
  return members + strangers;
}

function perSecond(sides: WatchPoint['admitted']): number {
  return both(sides) / POINT_S;
}
