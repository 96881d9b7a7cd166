import { isOneOf, isRecord } from './shape.ts';

export const POSTURES = ['normal', 'elevated', 'under_attack', 'survival'] as const;
export type Posture = (typeof POSTURES)[number];

/** How hard pressed the service says it is, and what its admins say besides. */
export interface ServiceStatus {
  readonly posture: Posture;
  readonly message: string | null;
}

/** Before the service has said anything. */
export const NOTHING_SAID: ServiceStatus = { posture: 'normal', message: null };

const MESSAGE_MAX_CHARS = 500;

/** The last word of `service:status`; `null` for all that this version does not know. */
export function parseServiceStatus(data: unknown): ServiceStatus | null {
  if (!isRecord(data) || !isOneOf(POSTURES, data['posture'])) return null;
  const message = data['message'];
  const isWords = typeof message === 'string' && message.trim() !== '';
  return { posture: data['posture'], message: isWords ? message.slice(0, MESSAGE_MAX_CHARS) : null };
}
