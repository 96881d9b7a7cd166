import type { Role } from '../model/session.ts';
import { parseCreatedInvite, parseInviteList, type CreatedInvite, type InviteRow } from '../protocol/parse_invite.ts';
import type { Api, Failure } from './api.ts';

export interface InviteWish {
  readonly roles: readonly Role[];
  readonly maxUses: number;
  readonly expiresInS: number;
}

export type InviteAnswer<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'failed'; readonly why: Failure };

/** The organisers' side of invites. */
export class Invites {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async create(wish: InviteWish): Promise<InviteAnswer<CreatedInvite>> {
    const body = { roles: wish.roles, regions: [], teams: [], max_uses: wish.maxUses, expires_in_s: wish.expiresInS };
    return this.#api.ask({ method: 'POST', path: '/v1/invites', body }, parseCreatedInvite);
  }

  async list(): Promise<InviteAnswer<readonly InviteRow[]>> {
    return this.#api.ask({ method: 'GET', path: '/v1/invites' }, parseInviteList);
  }

  async revoke(id: string): Promise<InviteAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: `/v1/invites/${encodeURIComponent(id)}` });
  }
}
