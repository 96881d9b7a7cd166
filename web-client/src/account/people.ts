import * as api from '../protocol/api.gen.ts';
import { parser } from '../protocol/parser.ts';
import type { Api, ApiAnswer } from './api.ts';

const parseMember = parser(api.Member);
const parseMembers = parser(api.MemberList);
const parseDevices = parser(api.DeviceList);
const parseRecovery = parser(api.PasskeyRecovery);

/** Which members; what is empty asks for nothing. */
export interface MemberFilter {
  readonly role: api.Role | '';
  readonly standing: api.Standing | '';
  readonly region: string;
  readonly team: string;
}

export const EVERYBODY: MemberFilter = { role: '', standing: '', region: '', team: '' };

/** Most members of one page, as the service has it. */
export const MEMBERS_PER_PAGE = 200;

/** The organisers' side of members and their devices. Admins only, but for oneself. */
export class People {
  readonly #api: Api;

  constructor(service: Api) {
    this.#api = service;
  }

  list(filter: MemberFilter, after: string | null): Promise<ApiAnswer<api.MemberList>> {
    const query = new URLSearchParams({ limit: String(MEMBERS_PER_PAGE) });
    for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value);
    if (after !== null) query.set('after', after);
    return this.#api.ask({ method: 'GET', path: `/v1/members?${query.toString()}` }, parseMembers);
  }

  me(): Promise<ApiAnswer<api.Member>> {
    return this.#api.ask({ method: 'GET', path: '/v1/me' }, parseMember);
  }

  read(id: string): Promise<ApiAnswer<api.Member>> {
    return this.#api.ask({ method: 'GET', path: pathOf(id) }, parseMember);
  }

  /** Only if nobody changed them since `tag`. */
  edit(id: string, edit: api.MemberEdit, tag: string): Promise<ApiAnswer<api.Member>> {
    return this.#api.ask({ method: 'PATCH', path: pathOf(id), body: edit, ifMatch: tag }, parseMember);
  }

  devices(id: string): Promise<ApiAnswer<api.DeviceList>> {
    return this.#api.ask({ method: 'GET', path: `${pathOf(id)}/devices` }, parseDevices);
  }

  signOut(id: string, device: string): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: `${pathOf(id)}/devices/${encodeURIComponent(device)}` });
  }

  signOutEverywhere(id: string): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: `${pathOf(id)}/devices` });
  }

  /** A link that takes all older passkeys of this member away when it is used, once. The service asks for a passkey first. */
  recoverPasskey(id: string): Promise<ApiAnswer<api.PasskeyRecovery>> {
    return this.#api.ask({ method: 'POST', path: `${pathOf(id)}/passkey-recovery` }, parseRecovery);
  }

  erase(id: string): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: pathOf(id) });
  }
}

function pathOf(id: string): string {
  return `/v1/members/${encodeURIComponent(id)}`;
}
