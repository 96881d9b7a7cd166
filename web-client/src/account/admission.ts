import type { Session } from '../model/session.ts';
import type { Waiting } from '../model/waiting.ts';
import { parseAdmitted } from '../protocol/parse_session.ts';
import { ASK_AGAIN_MAX_MS } from '../protocol/parse_waiting.ts';
import type { HttpAnswer } from './http.ts';

/** Whether this device is let in, as far as the service has said. */
export type Admission =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'admitted'; readonly session: Session; readonly freshUntil: number }
  | { readonly kind: 'waiting'; readonly waiting: Waiting; readonly since: number; readonly askAt: number }
  /**
   * `isAwaiting`: this device has come, and an admin has yet to agree. `isUnproven`: the service knows a key of this
   * device, and the device could not show it.
   */
  | { readonly kind: 'away'; readonly askAt: number; readonly isAwaiting?: boolean; readonly isUnproven?: boolean }
  | { readonly kind: 'signed-out' };

/** What lets its holder post for no longer than this might be over before it arrives. */
const SPARE_MS = 30_000;

export function admittedWith(session: Session, now: number): Admission {
  return { kind: 'admitted', session, freshUntil: now + session.postsForMs - SPARE_MS };
}

/** What an answer to `POST /v1/admit` makes of it. */
export function admissionAfter(before: Admission, answer: HttpAnswer, now: number): Admission {
  switch (answer.kind) {
    case 'ok': {
      const session = parseAdmitted(answer.body);
      return session === null ? { kind: 'away', askAt: now } : admittedWith(session, now);
    }
    case 'waiting': {
      const since = before.kind === 'waiting' ? before.since : now;
      return { kind: 'waiting', waiting: answer.waiting, since, askAt: now + answer.askAgainMs };
    }
    case 'problem':
      if (answer.code === 'unauthorized') return { kind: 'signed-out' };
      return {
        kind: 'away',
        askAt: now + answer.askAgainMs,
        ...(answer.code === 'awaiting_approval' && { isAwaiting: true }),
        ...(answer.code === 'proof_needed' && { isUnproven: true }),
      };
    case 'unreachable':
      return { kind: 'away', askAt: now };
  }
}

/** Whether the service may be asked now: never sooner than it said, unless somebody set the clock back. */
export function mayAsk(admission: Admission, now: number): boolean {
  if (admission.kind !== 'waiting' && admission.kind !== 'away') return true;
  return now >= admission.askAt || admission.askAt - now > ASK_AGAIN_MAX_MS;
}
