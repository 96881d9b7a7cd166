import type { PasskeyStanding } from './session.ts';

/**
 * What stands before the console: nothing, the first passkey, or a question whether it is still the same person. `locked`:
 * the device could not show its key.
 */
export type Gate = 'confirm' | 'locked' | 'make' | 'open';

/** Nothing stands before it while nothing is known: what a member may is decided by the service. */
export function gateOf(standing: PasskeyStanding | null, isUnproven: boolean): Gate {
  if (isUnproven) return 'locked';
  if (standing === null || !standing.isRequired || standing.isConfirmed) return 'open';
  return standing.count === 0 ? 'make' : 'confirm';
}
