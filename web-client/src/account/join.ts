import type { Session } from '../model/session.ts';
import type { ProblemCode } from '../protocol/parse_problem.ts';
import { parseSession } from '../protocol/parse_session.ts';
import type { Http } from './http.ts';
import type { PendingInvite, PendingInvites } from './pending_invite.ts';

export type JoinRefusal = 'expired' | 'foreign-origin' | 'revoked' | 'unknown' | 'used-up';

export type JoinState =
  | { readonly kind: 'no-invite' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'refused'; readonly why: JoinRefusal }
  /** Nothing is lost: the same attempt can be made again. */
  | { readonly kind: 'interrupted'; readonly why: 'busy' | 'offline' }
  | { readonly kind: 'joined'; readonly session: Session };

export class Join {
  readonly #http: Http;
  readonly #invites: PendingInvites;
  readonly #pending: PendingInvite | null;
  readonly #changed: (state: JoinState) => void;
  #state: JoinState;

  constructor(http: Http, invites: PendingInvites, token: string, changed: (state: JoinState) => void) {
    this.#http = http;
    this.#invites = invites;
    this.#changed = changed;
    this.#pending = invites.open(token);
    this.#state = { kind: this.#pending === null ? 'no-invite' : 'ready' };
  }

  get state(): JoinState {
    return this.#state;
  }

  async redeem(): Promise<void> {
    const pending = this.#pending;
    if (pending === null || this.#state.kind === 'joining' || this.#state.kind === 'joined') return;
    this.#move({ kind: 'joining' });
    const answer = await this.#http({ method: 'POST', path: '/v1/invites/redeem', body: pending });
    const next = judge(answer);
    if (next.kind === 'joined' || next.kind === 'refused') this.#invites.close();
    this.#move(next);
  }

  #move(state: JoinState): void {
    this.#state = state;
    this.#changed(state);
  }
}

function judge(answer: Awaited<ReturnType<Http>>): JoinState {
  switch (answer.kind) {
    case 'ok': {
      const session = parseSession(answer.body);
      return session === null ? { kind: 'interrupted', why: 'busy' } : { kind: 'joined', session };
    }
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
    case 'bad_request':
    case 'forbidden':
    case 'invite_unknown':
    case 'unauthorized':
      return { kind: 'refused', why: 'unknown' };
    case 'too_many_requests':
    case 'unavailable':
      return { kind: 'interrupted', why: 'busy' };
  }
}
