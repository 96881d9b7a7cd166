import * as api from '../protocol/api.gen.ts';
import { parser } from '../protocol/parser.ts';
import type { Api, ApiAnswer } from './api.ts';

const parseCreated = parser(api.InviteCreated);
const parseList = parser(api.InviteList);

/** The organisers' side of invites. Admins only. */
export class Invites {
  readonly #api: Api;

  constructor(service: Api) {
    this.#api = service;
  }

  /** The same `key` again is the same invite. */
  create(terms: api.InviteTerms, key: string): Promise<ApiAnswer<api.InviteCreated>> {
    return this.#api.ask({ method: 'POST', path: '/v1/invites', body: terms, idempotencyKey: key }, parseCreated);
  }

  list(after: string | null): Promise<ApiAnswer<api.InviteList>> {
    const query = after === null ? '' : `?after=${encodeURIComponent(after)}`;
    return this.#api.ask({ method: 'GET', path: `/v1/invites${query}` }, parseList);
  }

  revoke(id: string): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: `/v1/invites/${encodeURIComponent(id)}` });
  }
}
