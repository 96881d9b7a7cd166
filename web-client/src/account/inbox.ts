import * as api from '../protocol/api.gen.ts';
import { parser } from '../protocol/parser.ts';
import type { Api, ApiAnswer } from './api.ts';

const parseList = parser(api.ConversationList);
const parseConversation = parser(api.Conversation);
const parseTaken = parser(api.TextTaken);
const parseBulletin = parser(api.Bulletin);

export const INBOX_FILTERS = ['open', 'mine', 'nobody', 'complaints', 'closed'] as const;
export type InboxFilter = (typeof INBOX_FILTERS)[number];

const QUERIES = {
  open: 'state=open',
  mine: 'state=open&assigned=me',
  nobody: 'state=open&assigned=nobody',
  complaints: 'state=open&about=complaint',
  closed: 'state=closed',
} as const satisfies { [F in InboxFilter]: string };

/** Most conversations of one page, as the service has it. */
export const CONVERSATIONS_MAX = 200;

/** The inbox that all organisers share. */
export class Inbox {
  readonly #api: Api;

  constructor(service: Api) {
    this.#api = service;
  }

  list(filter: InboxFilter, limit: number, after: string | null): Promise<ApiAnswer<api.ConversationList>> {
    const from = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    return this.#api.ask({ method: 'GET', path: `/v1/inbox?${QUERIES[filter]}&limit=${limit}${from}` }, parseList);
  }

  read(id: string): Promise<ApiAnswer<api.Conversation>> {
    return this.#api.ask({ method: 'GET', path: pathOf(id) }, parseConversation);
  }

  /** The same `key` again is the same answer. Only if nothing came since `tag`. */
  answer(id: string, text: string, key: string, tag: string): Promise<ApiAnswer<api.TextTaken>> {
    const request = { method: 'POST', path: `${pathOf(id)}/answers`, body: { text, id: key }, idempotencyKey: key, ifMatch: tag } as const;
    return this.#api.ask(request, parseTaken);
  }

  assign(id: string, member: string | null, tag: string): Promise<ApiAnswer<api.Conversation>> {
    return this.#api.ask({ method: 'PUT', path: `${pathOf(id)}/assignee`, body: { member }, ifMatch: tag }, parseConversation);
  }

  setState(id: string, state: api.ConversationState, tag: string): Promise<ApiAnswer<api.Conversation>> {
    return this.#api.ask({ method: 'PUT', path: `${pathOf(id)}/state`, body: { state }, ifMatch: tag }, parseConversation);
  }

  /** What a conversation is about. */
  bulletin(id: string): Promise<ApiAnswer<api.Bulletin>> {
    return this.#api.ask({ method: 'GET', path: `/v1/bulletins/${encodeURIComponent(id)}` }, parseBulletin);
  }
}

function pathOf(id: string): string {
  return `/v1/inbox/${encodeURIComponent(id)}`;
}
