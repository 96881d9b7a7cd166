import type { Session } from '../model/session.ts';
import type { Waiting } from '../model/waiting.ts';
import type { ProblemCode } from '../protocol/parse_problem.ts';
import { parseJoined } from '../protocol/parse_session.ts';
import { isRecord } from '../protocol/shape.ts';
import type { Http, HttpRequest } from './http.ts';
import type { PendingInvite, PendingInvites } from './pending_invite.ts';
import type { Reminder } from './reminder.ts';

export type JoinRefusal = 'code-unknown' | 'expired' | 'foreign-origin' | 'revoked' | 'unknown' | 'used-up';

export type JoinState =
  | { readonly kind: 'no-invite' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'joining' }
  | { readonly kind: 'refused'; readonly why: JoinRefusal }
  /** Nothing is lost: the same attempt can be made again. */
  | { readonly kind: 'interrupted'; readonly why: 'busy' | 'offline' }
  /** Others come in first. It is tried again by itself. */
  | { readonly kind: 'waiting'; readonly waiting: Waiting }
  /** This device has come, and an admin has yet to agree. */
  | { readonly kind: 'awaiting' }
  | { readonly kind: 'joined'; readonly session: Session };

export interface JoinParts {
  readonly http: Http;
  readonly invites: PendingInvites;
  readonly reminder: Reminder;
  readonly changed: (state: JoinState) => void;
}

export class Join {
  readonly #parts: JoinParts;
  #pending: PendingInvite | null;
  #state: JoinState;

  constructor(parts: JoinParts, token: string, fingerprint: string | null = null) {
    this.#parts = parts;
    this.#pending = parts.invites.open(tidyToken(token), fingerprint);
    this.#state = { kind: this.#pending === null ? 'no-invite' : 'ready' };
  }

  get state(): JoinState {
    return this.#state;
  }

  /** Of the campaign's key, as the link says it. */
  get fingerprint(): string | null {
    return this.#pending?.fingerprint ?? null;
  }

  /** Whether it is a member's own code, made on another device, and no invite. */
  get isMove(): boolean {
    return this.#pending !== null && codeIn(this.#pending.token) !== null;
  }

  /** A code as somebody typed it. */
  async enterCode(typed: string): Promise<void> {
    this.#pending = this.#parts.invites.open(`${MOVE_PREFIX}${tidyCode(typed)}`);
    await this.redeem();
  }

  async redeem(): Promise<void> {
    const pending = this.#pending;
    if (pending === null || this.#state.kind === 'joining' || this.#state.kind === 'joined') return;
    const { http, invites, reminder } = this.#parts;
    // Who waits goes on seeing their place.
    if (this.#state.kind !== 'waiting') this.#move({ kind: 'joining' });
    const answer = await http(redemptionOf(pending));
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

/** What stands before a code behind `#`. No invite's token has a `=`. */
const MOVE_PREFIX = 'transfer=';
const CODE_CHARS = 8;

/** As the service makes it. What is typed in another way is the same code, and so the same attempt. */
export function tidyCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, '');
}

export function isWholeCode(typed: string): boolean {
  return tidyCode(typed).length === CODE_CHARS;
}

function tidyToken(token: string): string {
  const code = codeIn(token);
  return code === null ? token : `${MOVE_PREFIX}${code}`;
}

function codeIn(token: string): string | null {
  return token.startsWith(MOVE_PREFIX) ? tidyCode(token.slice(MOVE_PREFIX.length)) : null;
}

function redemptionOf({ token, attempt }: PendingInvite): HttpRequest {
  const code = codeIn(token);
  return code === null
    ? { method: 'POST', path: '/v1/invites/redeem', body: { token, attempt } }
    : { method: 'POST', path: '/v1/transfers/redeem', body: { code, attempt } };
}

function isAwaiting(body: unknown): boolean {
  return isRecord(body) && body['standing'] === 'waiting';
}

function judge(answer: Awaited<ReturnType<Http>>): JoinState {
  switch (answer.kind) {
    case 'ok': {
      const session = parseJoined(answer.body);
      if (session !== null) return { kind: 'joined', session };
      return isAwaiting(answer.body) ? { kind: 'awaiting' } : { kind: 'interrupted', why: 'busy' };
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
    case 'awaiting_approval':
      return { kind: 'awaiting' };
    case 'transfer_unknown':
      return { kind: 'refused', why: 'code-unknown' };
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
