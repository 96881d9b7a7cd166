import { isOneOf, isRecord } from './shape.ts';

export const POSTURES = ['normal', 'elevated', 'under_attack', 'survival'] as const;
export type Posture = (typeof POSTURES)[number];

/** How hard pressed the service says it is; `null` for all that this version does not know. */
export function parsePosture(data: unknown): Posture | null {
  return isRecord(data) && isOneOf(POSTURES, data['posture']) ? data['posture'] : null;
}
