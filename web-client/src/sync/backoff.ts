const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** A while longer than the service asked for, so that a crowd that was refused together does not come back together. */
export function noSoonerMs(retryAfterMs: number, random: () => number): number {
  return Math.round(retryAfterMs * (1 + random() / 4));
}

/** Full jitter, so that a crowd that failed together does not come back together. */
export function backoffMs(failures: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(FIRST_MS / 2 + random() * ceiling);
}
