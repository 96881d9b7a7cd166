import { isCount, isRecord } from './shape.ts';

/** The number of the newest list of who may sign, where `service:status` says it. */
export function serialIn(data: unknown): number | null {
  const trust = isRecord(data) ? data['trust'] : null;
  return isRecord(trust) && isCount(trust['serial']) ? trust['serial'] : null;
}
