import { Centrifuge, UnauthorizedError, type PublicationContext, type Subscription } from 'centrifuge';
import type { SessionAnswer } from '../account/session_source.ts';
import type { LinkPhase } from '../model/link_state.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import type { Position } from '../model/position.ts';
import type { Clock } from '../platform/clock.ts';
import { parsePublishAnswer } from '../protocol/parse_publish_answer.ts';
import { parseTop } from '../protocol/parse_subscribed.ts';
import { backoffMs } from '../sync/backoff.ts';
import type { ChannelHandler, HistoryAnswer, Link, PublishAnswer, ReceivedPublication } from '../sync/link.ts';
import { publicationTime, rememberPublicationTimes } from './publication_time.ts';
import { refusalCode } from './refusal.ts';

export interface ConnectionParts {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** A session from memory if one is fresh. */
  readonly currentSession: () => Promise<SessionAnswer>;
  /** A session from the server. */
  readonly renewSession: () => Promise<SessionAnswer>;
  readonly phaseChanged: (phase: LinkPhase) => void;
  /** What the server sends to every connection, without being asked to. */
  readonly announced: (channel: string, data: unknown) => void;
}

/** Client codes of `disconnected`: the app asked for it; nobody may connect with these credentials. */
const DISCONNECT_CALLED = 0;
const UNAUTHORIZED = 1;

/** The SDK behind our words. It reconnects, renews tokens, resubscribes and recovers by itself. */
export class Connection implements Link {
  readonly #parts: ConnectionParts;
  readonly #client: Centrifuge;
  #askedForToken = false;
  #terminalCloses = 0;
  #announcements = 0;
  #cancelStartingOver: (() => void) | null = null;

  constructor(parts: ConnectionParts, websocket?: unknown) {
    this.#parts = parts;
    this.#client = new Centrifuge(parts.endpoint, {
      name: 'web',
      getToken: async () => this.#token(),
      ...(websocket === undefined ? {} : { websocket }),
    });
    rememberPublicationTimes(this.#client);
    this.#watch();
  }

  open(): void {
    this.#client.connect();
  }

  close(): void {
    this.#cancelStartingOver?.();
    this.#cancelStartingOver = null;
    this.#client.disconnect();
  }

  /** Goes on as whoever the server says this device is now. */
  reopen(): void {
    this.close();
    this.#client.setToken('');
    this.#client.connect();
  }

  follow(channel: string, since: Position, handler: ChannelHandler): () => void {
    const subscription = this.#client.newSubscription(channel, { since: { ...since } });
    subscription.on('subscribing', () => handler.subscribing());
    subscription.on('subscribed', ({ wasRecovering, recovered, streamPosition, data }) =>
      handler.subscribed({
        continued: recovered || !wasRecovering,
        position: streamPosition ?? null,
        top: parseTop(data),
      }),
    );
    subscription.on('publication', (context) => handler.publication(received(context)));
    subscription.on('unsubscribed', ({ code }) => {
      if (code >= 100) handler.refused(code);
    });
    subscription.subscribe();
    return () => this.#drop(subscription);
  }

  async history(channel: string, since: Position | null, limit: number): Promise<HistoryAnswer> {
    const subscription = this.#client.getSubscription(channel);
    if (subscription === null) return { kind: 'later' };
    try {
      const { publications, offset, epoch } = await subscription.history(since === null ? { limit } : { limit, since });
      return { kind: 'page', publications: publications.map(received), top: { offset, epoch } };
    } catch (error) {
      const code = refusalCode(error);
      return code === null ? { kind: 'later' } : { kind: 'refused', code };
    }
  }

  async publish({ channel, id, bulletin }: OutboxItem): Promise<PublishAnswer> {
    try {
      const { data } = await this.#client.rpc('publish', { channel, idempotency_key: id, data: bulletin });
      const receipt = parsePublishAnswer(data);
      return receipt === null ? { kind: 'again' } : { kind: 'posted', ...receipt };
    } catch (error) {
      const code = refusalCode(error);
      return code === null ? { kind: 'again' } : { kind: 'refused', code };
    }
  }

  #watch(): void {
    this.#client.on('connecting', () => this.#parts.phaseChanged('connecting'));
    this.#client.on('connected', () => {
      this.#terminalCloses = 0;
      this.#parts.phaseChanged('connected');
    });
    this.#client.on('subscribed', ({ channel, recovered }) => {
      if (!recovered) void this.#hearLatest(channel);
    });
    this.#client.on('publication', ({ channel, data }) => this.#announce(channel, data));
    this.#client.on('error', () => {
      if (this.#client.state === 'connecting') this.#parts.phaseChanged('lost');
    });
    this.#client.on('disconnected', ({ code }) => {
      if (code === UNAUTHORIZED) this.#parts.phaseChanged('signed-out');
      else if (code !== DISCONNECT_CALLED) this.#startOver();
    });
  }

  /** Who has just come hears what was said last, unless something newer overtakes it. */
  async #hearLatest(channel: string): Promise<void> {
    const before = this.#announcements;
    try {
      const { publications } = await this.#client.history(channel, { limit: 1, reverse: true });
      const latest = publications[0];
      if (latest !== undefined && this.#announcements === before) this.#announce(channel, latest.data);
    } catch {
      // The next announcement says it.
    }
  }

  #announce(channel: string, data: unknown): void {
    this.#announcements += 1;
    this.#parts.announced(channel, data);
  }

  /** The SDK gives up for good, as when the server's keys were changed. A new token may still be welcome. */
  #startOver(): void {
    this.#parts.phaseChanged('lost');
    const wait = backoffMs(this.#terminalCloses + 2, this.#parts.random);
    this.#terminalCloses += 1;
    this.#cancelStartingOver = this.#parts.clock.after(wait, () => {
      this.#cancelStartingOver = null;
      this.#client.setToken('');
      this.#client.connect();
    });
  }

  async #token(): Promise<string> {
    // A later question means that the first token was not, or is no longer, accepted.
    const answer = await (this.#askedForToken ? this.#parts.renewSession() : this.#parts.currentSession());
    switch (answer.kind) {
      case 'session':
        this.#askedForToken = true;
        return answer.session.accessToken;
      case 'not-joined':
        throw new UnauthorizedError('this device is not joined');
      case 'unavailable':
        throw new Error('no session could be had');
    }
  }

  #drop(subscription: Subscription): void {
    subscription.removeAllListeners();
    this.#client.removeSubscription(subscription);
  }
}

function received(context: PublicationContext): ReceivedPublication {
  return { data: context.data, offset: context.offset ?? null, postedAt: publicationTime(context) };
}
