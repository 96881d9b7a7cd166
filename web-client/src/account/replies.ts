import type { ConversationHead } from '../model/conversation.ts';
import type { ReplyLetter } from '../model/letter.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import { parseConversation, parseConversationPage, parseTextTaken, type ConversationPage } from '../protocol/parse_conversation.ts';
import type { PublishAnswer } from '../sync/link.ts';
import type { Api, ApiAnswer, Failure } from './api.ts';

/** A member's side of the inbox. */
export class Replies {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Its id makes the same reply of each try. */
  async send({ id, letter: { text, about, isComplaint } }: OutboxItem<ReplyLetter>): Promise<PublishAnswer> {
    const topic = isComplaint ? { about: 'complaint' } : about === null ? {} : { bulletin: about };
    const answer = await this.#api.ask({ method: 'POST', path: '/v1/replies', body: { text, id, ...topic } }, parseTextTaken);
    if (answer.kind === 'ok') return { kind: 'posted', position: null, isDurable: true, at: answer.value };
    return afterFailure(answer.why, answer.askAgainMs);
  }

  async page(after: string | null): Promise<ApiAnswer<ConversationPage>> {
    const query = after === null ? '' : `?after=${encodeURIComponent(after)}`;
    return this.#api.ask({ method: 'GET', path: `/v1/me/conversations${query}` }, parseConversationPage);
  }

  async conversation(id: string): Promise<ApiAnswer<ConversationHead>> {
    return this.#api.ask({ method: 'GET', path: `/v1/me/conversations/${encodeURIComponent(id)}` }, parseConversation);
  }
}

/** Whether it is known that the service will not have it, or only that it has not answered for it yet. */
function afterFailure(why: Failure, askAgainMs: number): PublishAnswer {
  switch (why) {
    case 'unreachable':
    case 'unreadable':
    case 'unauthorized':
    case 'internal':
    case 'too_many_requests':
    case 'too_slow':
    case 'unavailable':
    case 'waiting':
      return { kind: 'again', retryAfterMs: askAgainMs };
    default:
      return { kind: 'refused', code: why };
  }
}
