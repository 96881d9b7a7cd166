import type { Signature } from '../model/signed.ts';
import type { LocalTime } from '../protocol/api.gen.ts';
import * as contract from '../protocol/api.gen.ts';
import { parser } from '../protocol/parser.ts';
import type { AuthorSignature } from '../trust/signer.ts';
import type { Api, ApiAnswer } from './api.ts';

/** What somebody does to a bulletin whose revision they saw. */
export type BulletinAction =
  | { readonly kind: 'approve'; readonly signature?: Signature }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'override'; readonly reason: string; readonly signature?: Signature }
  | { readonly kind: 'reject'; readonly reason: string }
  | { readonly kind: 'submit'; readonly signed?: AuthorSignature }
  | { readonly kind: 'withdraw'; readonly signed?: AuthorSignature };

/** What a bulletin says, and when it goes; `null`: at once. */
export interface BulletinWords {
  readonly content: contract.BulletinContent;
  readonly sendAt: LocalTime | null;
}

const bulletin = parser(contract.Bulletin);
const bulletinList = parser(contract.BulletinList);
const headCount = parser(contract.HeadCount);
const receipts = parser(contract.BulletinReceipts);
const attachment = parser(contract.Attachment);

/** How many of the newest are read at once: they are read again and again, also by a slow connection. */
export const LISTED_MAX = 50;

/** The organisers' side of bulletins. */
export class Bulletins {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The newest first; those after where another page ended. */
  async list(after?: string): Promise<ApiAnswer<contract.BulletinList>> {
    const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
    return this.#api.ask({ method: 'GET', path: `/v1/bulletins?limit=${LISTED_MAX}${from}` }, bulletinList);
  }

  async get(id: string): Promise<ApiAnswer<contract.Bulletin>> {
    return this.#api.ask({ method: 'GET', path: pathOf(id) }, bulletin);
  }

  /** Begins a draft under an id of ours; a repeat answers what became of it. */
  async begin(id: string, words: BulletinWords): Promise<ApiAnswer<contract.Bulletin>> {
    return this.#api.ask({ method: 'POST', path: '/v1/bulletins', body: { id, ...bodyOf(words) } }, bulletin);
  }

  async edit(id: string, revision: number, words: BulletinWords): Promise<ApiAnswer<contract.Bulletin>> {
    return this.#api.ask({ method: 'PUT', path: pathOf(id), body: { revision, ...bodyOf(words) } }, bulletin);
  }

  /** Begins a draft that says what a sent one says, under an id of ours. */
  async correct(of: string, id: string): Promise<ApiAnswer<contract.Bulletin>> {
    return this.#api.ask({ method: 'POST', path: `${pathOf(of)}/corrections`, body: { id } }, bulletin);
  }

  async act(id: string, revision: number, action: BulletinAction): Promise<ApiAnswer<contract.Bulletin>> {
    const { kind, ...rest } = action;
    const body = kind === 'cancel' ? {} : kind === 'withdraw' ? { body: rest } : { body: { revision, ...rest } };
    return this.#api.ask({ method: 'POST', path: `${pathOf(id)}/${kind}`, ...body }, bulletin);
  }

  async receipts(id: string): Promise<ApiAnswer<contract.BulletinReceipts>> {
    return this.#api.ask({ method: 'GET', path: `${pathOf(id)}/receipts` }, receipts);
  }

  async count(audience: contract.Audience): Promise<ApiAnswer<contract.HeadCount>> {
    return this.#api.ask({ method: 'POST', path: '/v1/audience', body: audience }, headCount);
  }

  /** `key`: the same for each try with this file. */
  async attach(file: Blob, key: string): Promise<ApiAnswer<contract.Attachment>> {
    return this.#api.ask({ method: 'POST', path: '/v1/attachments', body: file, idempotencyKey: key }, attachment);
  }
}

function pathOf(id: string): string {
  return `/v1/bulletins/${encodeURIComponent(id)}`;
}

function bodyOf({ content, sendAt }: BulletinWords): object {
  return sendAt === null ? { content } : { content, send_at: sendAt };
}
