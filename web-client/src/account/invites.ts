import type { Role } from '../model/session.ts';
import { parseCreatedInvite, parseInviteList, type CreatedInvite, type InviteRow } from '../protocol/parse_invite.ts';
import type { ProblemCode } from '../protocol/parse_problem.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { SessionSource } from './session_source.ts';

export interface InviteWish {
  readonly roles: readonly Role[];
  readonly maxUses: number;
  readonly expiresInS: number;
}

export type InviteAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'failed'; readonly why: ProblemCode | 'unreachable' };

/** The organisers' side of invites. */
export class Invites {
  readonly #http: Http;
  readonly #sessions: SessionSource;

  constructor(http: Http, sessions: SessionSource) {
    this.#http = http;
    this.#sessions = sessions;
  }

  async create(wish: InviteWish): Promise<InviteAnswer<CreatedInvite>> {
    const body = { roles: wish.roles, regions: [], teams: [], max_uses: wish.maxUses, expires_in_s: wish.expiresInS };
    return read(await this.#ask({ method: 'POST', path: '/v1/invites', body }), parseCreatedInvite);
  }

  async list(): Promise<InviteAnswer<readonly InviteRow[]>> {
    return read(await this.#ask({ method: 'GET', path: '/v1/invites' }), parseInviteList);
  }

  async revoke(id: string): Promise<InviteAnswer<true>> {
    return read(await this.#ask({ method: 'DELETE', path: `/v1/invites/${encodeURIComponent(id)}` }), () => true);
  }

  async #ask(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#sessions.current();
    switch (answer.kind) {
      case 'session':
        return this.#http({ ...request, token: answer.session.token });
      case 'not-joined':
        return { kind: 'problem', code: 'unauthorized', askAgainMs: 0 };
      case 'unavailable':
        return { kind: 'unreachable' };
      case 'waiting':
        return { kind: 'problem', code: 'unavailable', askAgainMs: 0 };
    }
  }
}

function read<T>(answer: HttpAnswer, parse: (body: unknown) => T | null): InviteAnswer<T> {
  if (answer.kind === 'unreachable') return { kind: 'failed', why: 'unreachable' };
  if (answer.kind === 'waiting') return { kind: 'failed', why: 'unavailable' };
  if (answer.kind === 'problem') return { kind: 'failed', why: answer.code };
  const value = parse(answer.body);
  return value === null ? { kind: 'failed', why: 'unavailable' } : { kind: 'ok', value };
}
