import { isBulletinId } from './bulletin.ts';

/** What a conversation with the organisers is about. There is one for each, so it names its page too. */
export type Topic =
  | { readonly kind: 'general' }
  | { readonly kind: 'complaint' }
  | { readonly kind: 'bulletin'; readonly id: string };

/** One text in a conversation. Which organiser wrote one is not told. */
export interface Said {
  /** The id that this member gave it; `null` for what organisers wrote. */
  readonly id: string | null;
  readonly from: 'member' | 'organiser';
  readonly text: string;
  readonly at: number;
}

export interface Conversation {
  readonly id: string;
  readonly topic: Topic;
  /** Closed: the organisers have nothing more to do in it. Whoever writes again opens it again. */
  readonly isOpen: boolean;
  /** Until when a complaint is to be acknowledged; `null`: it is none, or it was. */
  readonly acknowledgeBy: number | null;
  /** The oldest first. */
  readonly texts: readonly Said[];
}

/** The same as the service says it in a list: with its last text only. */
export interface ConversationHead extends Conversation {
  /** How many texts there are in all. */
  readonly count: number;
}

/** What this device keeps of one. */
export interface KeptConversation extends Conversation {
  /** The time of the last answer that was read here. */
  readonly readUpTo: number;
}

/** Characters, as the service counts them. */
export const MAX_REPLY_CHARS = 2_000;

export function topicKey(topic: Topic): string {
  return topic.kind === 'bulletin' ? topic.id : topic.kind;
}

export function topicFromKey(key: string): Topic | null {
  if (key === 'general' || key === 'complaint') return { kind: key };
  return isBulletinId(key) ? { kind: 'bulletin', id: key } : null;
}

/** How many answers have not been read here. Who wrote after an answer has read it, on whatever device. */
export function unreadIn({ texts, readUpTo }: KeptConversation): number {
  const lastOwn = texts.findLast(({ from }) => from === 'member')?.at ?? 0;
  const read = Math.max(readUpTo, lastOwn);
  return texts.filter(({ from, at }) => from === 'organiser' && at > read).length;
}
