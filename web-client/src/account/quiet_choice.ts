import { QUIET_KEY } from '../model/kept_keys.ts';
import { DAY_MINUTES, NOT_QUIET, type Quiet, type QuietHours } from '../model/quiet.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isCount, isRecord } from '../protocol/shape.ts';

/** What a member chose on this device. Of another member nothing is known. */
export function readQuiet(values: LocalValues, member: string): Quiet {
  try {
    const kept: unknown = JSON.parse(values.get(QUIET_KEY) ?? 'null');
    if (!isRecord(kept) || kept['of'] !== member || !Array.isArray(kept['muted'])) return NOT_QUIET;
    return {
      muted: kept['muted'].filter((channel) => typeof channel === 'string'),
      hours: parseHours(kept['hours']),
      isUrgentTold: kept['isUrgentTold'] !== false,
    };
  } catch {
    return NOT_QUIET;
  }
}

export function keepQuiet(values: LocalValues, member: string, quiet: Quiet): void {
  values.set(QUIET_KEY, JSON.stringify({ of: member, ...quiet }));
}

function parseHours(value: unknown): QuietHours | null {
  if (!isRecord(value)) return null;
  const { from, until } = value;
  return isMinute(from) && isMinute(until) ? { from, until } : null;
}

function isMinute(value: unknown): value is number {
  return isCount(value) && value < DAY_MINUTES;
}
