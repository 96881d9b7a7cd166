import type { Letter } from '../model/letter.ts';
import type { OutboxItem, Receipt, Refusal } from '../model/outbox_item.ts';
import type { Position } from '../model/position.ts';

/** What sync needs of a connection. The socket is behind it, and tests put something simpler there. */
export interface Link {
  follow(channel: string, since: Position, handler: ChannelHandler): () => void;
  /** From the oldest that is kept after `since`; without it from the oldest of all, or backwards from the newest. */
  history(channel: string, since: Position | 'newest' | null, limit: number): Promise<HistoryAnswer>;
}

export interface ChannelHandler {
  subscribing(): void;
  subscribed(reply: SubscribedReply): void;
  publication(publication: ReceivedPublication): void;
  /** This channel will not come back by itself. */
  refused(code: number): void;
}

export interface SubscribedReply {
  /** `false`: the server could not continue from the position that was asked for. */
  readonly continued: boolean;
  /** From here on publications follow. `null` for channels without history. */
  readonly position: Position | null;
  readonly top: number | null;
}

export interface ReceivedPublication {
  readonly data: unknown;
  /** The service itself says it; what a member says has a sender, and is no bulletin whatever it calls itself. */
  readonly isFromService: boolean;
  /** The member who said it, if it is not from the service. */
  readonly author?: string;
  readonly offset: number | null;
  readonly postedAt: number | null;
}

export type HistoryAnswer =
  | { readonly kind: 'page'; readonly publications: readonly ReceivedPublication[]; readonly top: Position }
  /** Asking again later may help. */
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly code: number };

export type PublishAnswer =
  | ({ readonly kind: 'posted' } & Receipt)
  /** Not known to be stored: send it again, under the same id, and not before the time that the service asked for. */
  | { readonly kind: 'again'; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly code: Refusal };

export type Publish<L extends Letter> = (item: OutboxItem<L>) => Promise<PublishAnswer>;
