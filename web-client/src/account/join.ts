import type { Session } from '../model/session.ts';
import type { Waiting } from '../model/waiting.ts';
import type { ProblemCode } from '../protocol/parse_problem.ts';
import { parseJoined } from '../protocol/parse_session.ts';
import type { Http } from './http.ts';
import type { PendingInvite, PendingInvites } from './pending_invite.ts';
import type { Reminder } from './reminder.ts';

export type JoinRefusal = 'expired' | 'foreign-origin' | 'revoked' | 'unknown' | 'used-up';

export type JoinState =
  | { readonly kind: 'no-invite' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'refused'; readonly why: JoinRefusal }
  /** Nothing is lost: the same attempt can be made again. */
  | { readonly kind: 'interrupted'; readonly why: 'busy' | 'offline' }
  /** Others come in first. It is tried again by itself. */
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  | { readonly kind: 'joined'; readonly session: Session };

export interface JoinParts {
  readonly http: Http;
  readonly invites: PendingInvites;
  readonly reminder: Reminder;
  readonly changed: (state: JoinState) => void;
}

export class Join {
  readonly #parts: JoinParts;
  readonly #pending: PendingInvite | null;
  #state: JoinState;

  constructor(parts: JoinParts, token: string) {
    this.#parts = parts;
    this.#pending = parts.invites.open(token);
    this.#state = { kind: this.#pending === null ? 'no-invite' : 'ready' };
  }

  get state(): JoinState {
    return this.#state;
  }

  async redeem(): Promise<void> {
    const pending = this.#pending;
    if (pending === null || this.#state.kind === 'joining' || this.#state.kind === 'joined') return;
    const { http, invites, reminder } = this.#parts;
    // Who waits goes on seeing their place.
    if (this.#state.kind !== 'waiting') this.#move({ kind: 'joining' });
    const answer = await http({ method: 'POST', path: '/v1/invites/redeem', body: pending });
    const next = judge(answer);
    if (next.kind === 'joined' || next.kind === 'refused') invites.close();
    this.#move(next);
    if (answer.kind === 'waiting') reminder.after(answer.askAgainMs, () => void this.redeem());
  }

  #move(state: JoinState): void {
    this.#state = state;
    this.#parts.changed(state);
  }
}

function judge(answer: Awaited<ReturnType<Http>>): JoinState {
  switch (answer.kind) {
    case 'ok': {
      const session = parseJoined(answer.body);
      return session === null ? { kind: 'interrupted', why: 'busy' } : { kind: 'joined', session };
    }
    case 'waiting':
      return { kind: 'waiting', waiting: answer.waiting };
    case 'unreachable':
      return { kind: 'interrupted', why: 'offline' };
    case 'problem':
      return judgeProblem(answer.code);
  }
}

function judgeProblem(code: ProblemCode): JoinState {
  switch (code) {
    case 'foreign_origin':
      return { kind: 'refused', why: 'foreign-origin' };
    case 'invite_expired':
      return { kind: 'refused', why: 'expired' };
    case 'invite_used_up':
      return { kind: 'refused', why: 'used-up' };
    case 'invite_revoked':
      return { kind: 'refused', why: 'revoked' };
    case 'internal':
    case 'too_many_requests':
    case 'too_slow':
    case 'unavailable':
      return { kind: 'interrupted', why: 'busy' };
    default:
      return { kind: 'refused', why: 'unknown' };
  }
}
