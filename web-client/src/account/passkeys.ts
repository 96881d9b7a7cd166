import type { CeremonyFailure } from '../model/ceremony.ts';
import type { Session } from '../model/session.ts';
import type { Ceremony, WebAuthn } from '../platform/web_authn.ts';
import * as api from '../protocol/api.gen.ts';
import { parser } from '../protocol/parser.ts';
import { parseJoined } from '../protocol/parse_session.ts';
import { isRecord, type Parse } from '../protocol/shape.ts';
import { understood, type Api, type ApiAnswer, type Failure } from './api.ts';
import type { PublicKey } from './device_keys.ts';
import type { Http, HttpRequest } from './http.ts';

export type PasskeyFailure = CeremonyFailure | Failure;

export type Confirmed =
  | { readonly kind: 'confirmed'; readonly session: Session }
  | { readonly kind: 'failed'; readonly why: PasskeyFailure };

/** What an assertion is for: rights for half a day, or a deed that is hard to take back. */
export type Purpose = api.PasskeyPurpose;

export interface PasskeyParts {
  /** Shows the device's key. */
  readonly http: Http;
  /** The same, as whoever has confirmed that it is them. */
  readonly api: Pick<Api, 'ask' | 'tell'>;
  readonly ceremonies: () => Promise<Pick<WebAuthn, 'make' | 'obstacle' | 'show'>>;
  /** Nothing where a device is not to be bound to one: an activist's stays as it was. */
  readonly keys: (() => Promise<{ offer(isAnew: boolean): Promise<PublicKey> }>) | null;
}

const PATH = '/v1/passkeys';
const parseList = parser(api.PasskeyList);
const parsePasskey = parser(api.Passkey);

/** A member's passkeys, and what they confirm with them (Web Authentication). */
export class Passkeys {
  readonly #parts: PasskeyParts;

  constructor(parts: PasskeyParts) {
    this.#parts = parts;
  }

  /** The first passkey of who has just come in. */
  async makeFirst(name: string): Promise<Confirmed> {
    return this.#make(async () => this.#ask(registration({ name }), parseBegun), true);
  }

  /** One in the place of those that were lost, by a code from another admin. It signs this device in. */
  async recover(name: string, code: string): Promise<Confirmed> {
    return this.#make(async () => this.#ask(registration({ name, code }), parseBegun), true);
  }

  /** One more, beside those that are there. */
  async add(name: string): Promise<Confirmed> {
    return this.#make(async () => this.#parts.api.ask(registration({ name }), parseBegun), false);
  }

  async confirm(purpose: Purpose): Promise<Confirmed> {
    const ceremonies = await this.#parts.ceremonies();
    const obstacle = ceremonies.obstacle();
    if (obstacle !== null) return { kind: 'failed', why: obstacle };
    const begun = await this.#ask({ method: 'POST', path: ASSERTIONS, body: { purpose } }, parseBegun);
    if (begun.kind === 'failed') return begun;
    const shown = await ceremonies.show(begun.value.options);
    return this.#complete(`${ASSERTIONS}/${encodeURIComponent(begun.value.id)}`, shown, false);
  }

  list(): Promise<ApiAnswer<api.PasskeyList>> {
    return this.#parts.api.ask({ method: 'GET', path: PATH }, parseList);
  }

  rename(id: string, name: string): Promise<ApiAnswer<api.Passkey>> {
    return this.#parts.api.ask({ method: 'PATCH', path: `${PATH}/${encodeURIComponent(id)}`, body: { name } }, parsePasskey);
  }

  remove(id: string): Promise<ApiAnswer<null>> {
    return this.#parts.api.tell({ method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}` });
  }

  async #make(begin: () => Promise<ApiAnswer<Begun>>, isAnew: boolean): Promise<Confirmed> {
    const ceremonies = await this.#parts.ceremonies();
    const obstacle = ceremonies.obstacle();
    if (obstacle !== null) return { kind: 'failed', why: obstacle };
    const begun = await begin();
    if (begun.kind === 'failed') return begun;
    const made = await ceremonies.make(begun.value.options);
    return this.#complete(`${REGISTRATIONS}/${encodeURIComponent(begun.value.id)}`, made, isAnew);
  }

  async #complete(path: string, ceremony: Ceremony, isAnew: boolean): Promise<Confirmed> {
    if (ceremony.kind === 'failed') return ceremony;
    const keys = await this.#parts.keys?.();
    const body = { credential: ceremony.credential, ...(keys !== undefined && { device_key: await keys.offer(isAnew) }) };
    const answer = await this.#ask({ method: 'POST', path, body }, parseCompleted);
    return answer.kind === 'ok' ? { kind: 'confirmed', session: answer.value } : answer;
  }

  #ask<T>(request: HttpRequest, parse: Parse<T>): Promise<ApiAnswer<T>> {
    return askWith(this.#parts.http, request, parse);
  }
}

/** Asks by what the device shows alone. */
export async function askWith<T>(http: Http, request: HttpRequest, parse: Parse<T>): Promise<ApiAnswer<T>> {
  const answer = understood(await http(request));
  if (answer.kind === 'failed') return answer;
  const value = parse(answer.value);
  return value === null ? { kind: 'failed', why: 'unreadable', askAgainMs: 0 } : { ...answer, value };
}

const REGISTRATIONS = `${PATH}/registrations`;
const ASSERTIONS = `${PATH}/assertions`;

function registration(body: { readonly name: string; readonly code?: string }): HttpRequest {
  return { method: 'POST', path: REGISTRATIONS, body };
}

export interface Begun {
  readonly id: string;
  /** For the browser, which judges them. */
  readonly options: unknown;
}

export function parseBegun(body: unknown): Begun | null {
  if (!isRecord(body) || typeof body['id'] !== 'string' || !isRecord(body['options'])) return null;
  return { id: body['id'], options: body['options'] };
}

export function parseCompleted(body: unknown): Session | null {
  return isRecord(body) ? parseJoined(body['session']) : null;
}
