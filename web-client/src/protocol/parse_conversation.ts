import { topicFromKey, type ConversationHead, type Said } from '../model/conversation.ts';
import { isCount, isRecord } from './shape.ts';

export interface ConversationPage {
  readonly conversations: readonly ConversationHead[];
  /** Where the next page begins; `null`: this is the last one. */
  readonly next: string | null;
}

/** One that cannot be read takes no other with it. */
export function parseConversationPage(body: unknown): ConversationPage | null {
  if (!isRecord(body) || !Array.isArray(body['conversations'])) return null;
  const conversations = body['conversations'].map(parseConversation).filter((each) => each !== null);
  return { conversations, next: typeof body['next'] === 'string' ? body['next'] : null };
}

export function parseConversation(value: unknown): ConversationHead | null {
  if (!isRecord(value) || typeof value['id'] !== 'string' || !Array.isArray(value['texts'])) return null;
  const { id, state, count, acknowledge_by_ms: acknowledgeBy } = value;
  const topic = topicFromKey(id.slice(id.lastIndexOf('~') + 1));
  if (topic === null || !isCount(count)) return null;
  return {
    id,
    topic,
    isOpen: state !== 'closed',
    acknowledgeBy: isCount(acknowledgeBy) ? acknowledgeBy : null,
    count,
    texts: value['texts'].flatMap(parseSaid),
  };
}

function parseSaid(value: unknown): Said[] {
  if (!isRecord(value) || typeof value['text'] !== 'string' || !isCount(value['at_ms'])) return [];
  const { from, id, text, at_ms: at } = value;
  if (from !== 'member' && from !== 'organiser') return [];
  return [{ from, id: typeof id === 'string' ? id : null, text, at }];
}

/** When the service took a reply. */
export function parseTextTaken(body: unknown): number | null {
  return isRecord(body) && isCount(body['at_ms']) ? body['at_ms'] : null;
}
