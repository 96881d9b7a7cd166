import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import * as api from '../../../protocol/api.gen.ts';
import { parser } from '../../../protocol/parser.ts';

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
/** For how long an order may hold; the service takes no more than a day. */
export const ORDER_LASTS_S = [15 * MINUTE_S, 30 * MINUTE_S, HOUR_S, 2 * HOUR_S, 6 * HOUR_S, 24 * HOUR_S] as const;
export const ORDER_LASTS_DEFAULT_S = 30 * MINUTE_S;
/** Bytes of a reason; the service takes no more. */
export const REASON_MAX_BYTES = 500;

const parsePosture = parser(api.Posture);
const parseOrdered = parser(api.PostureOrdered);

export type Known =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'read'; readonly posture: api.Posture };

export type Doing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'ordered' | 'taken-back'; readonly reach: api.Reach };

export interface Wish {
  readonly posture: api.PostureName;
  readonly why: string;
  readonly lastsS: number;
}

/** Why a wish cannot be ordered as it is. */
export type WishProblem = 'no-reason' | 'long-reason';

export function problemOf({ why }: Wish): WishProblem | null {
  if (why.trim() === '') return 'no-reason';
  return new TextEncoder().encode(why.trim()).length > REASON_MAX_BYTES ? 'long-reason' : null;
}

/** The posture as admins see it, and orders. */
export class PostureModel {
  readonly known: ReadonlySignal<Known>;
  readonly doing: ReadonlySignal<Doing>;
  readonly #api: Pick<Api, 'ask'>;
  readonly #known = signal<Known>({ kind: 'loading' });
  readonly #doing = signal<Doing>({ kind: 'idle' });

  constructor(service: Pick<Api, 'ask'>) {
    this.#api = service;
    this.known = this.#known;
    this.doing = this.#doing;
  }

  async read(): Promise<void> {
    const answer = await this.#api.ask({ method: 'GET', path: '/v1/posture' }, parsePosture);
    if (answer.kind === 'ok') this.#known.value = { kind: 'read', posture: answer.value };
    else if (this.#known.value.kind !== 'read') this.#known.value = answer;
  }

  /** Whether it holds now. */
  async order({ posture, why, lastsS }: Wish): Promise<boolean> {
    const body: api.PostureOrder = { posture, why: why.trim(), expires_in_s: lastsS };
    return this.#do('ordered', { method: 'PUT', path: '/v1/posture', body });
  }

  async takeBack(): Promise<boolean> {
    return this.#do('taken-back', { method: 'DELETE', path: '/v1/posture' });
  }

  async #do(what: 'ordered' | 'taken-back', request: Parameters<Api['ask']>[0]): Promise<boolean> {
    if (this.#doing.value.kind === 'working') return false;
    this.#doing.value = { kind: 'working' };
    const answer = await this.#api.ask(request, parseOrdered);
    this.#doing.value = answer.kind === 'ok' ? { kind: what, reach: answer.value.reach } : answer;
    await this.read();
    return answer.kind === 'ok';
  }
}
