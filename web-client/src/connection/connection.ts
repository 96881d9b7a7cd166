import { Centrifuge, UnauthorizedError, type PublicationContext, type Subscription } from 'centrifuge';
import type { Entered } from '../account/session_source.ts';
import type { SocketPhase } from '../model/link_state.ts';
import type { MessageLetter } from '../model/letter.ts';
import type { OutboxItem } from '../model/outbox_item.ts';
import type { Position } from '../model/position.ts';
import type { Clock } from '../platform/clock.ts';
import { isKept, parsePublishAnswer, parseRetryAfterMs } from '../protocol/parse_publish_answer.ts';
import { parseTop } from '../protocol/parse_subscribed.ts';
import { backoffMs } from '../sync/backoff.ts';
import type { ChannelHandler, HistoryAnswer, Link, PublishAnswer, ReceivedPublication } from '../sync/link.ts';
import type { ReceiptBatch, ReceiptsAnswer } from '../sync/receipts.ts';
import { publicationTime, rememberPublicationTimes } from './publication_time.ts';
import { refusalCode } from './refusal.ts';

export interface ConnectionParts {
  readonly endpoint: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** A session from memory if one is fresh, else from the server. While this device has to wait there is no answer. */
  readonly enter: (how: 'current' | 'renew') => Promise<Entered>;
  readonly phaseChanged: (phase: SocketPhase) => void;
  /** What the server sends to every connection, without being asked to. */
  readonly announced: (channel: string, data: unknown) => void;
}

/** Client codes of `disconnected`: the app asked for it; nobody may connect with these credentials. */
const DISCONNECT_CALLED = 0;
const UNAUTHORIZED = 1;

/**
 * A browser does not say why a socket did not open. After so many that did not, the server is asked in plain HTTP
 * whether this device is let in: it may have to wait.
 */
const ATTEMPTS_BEFORE_ASKING = 3;

/** The SDK behind our words. It reconnects, renews tokens, resubscribes and recovers by itself. */
export class Connection implements Link {
  readonly #parts: ConnectionParts;
  readonly #client: Centrifuge;
  #given: string | null = null;
  /** What was given, while nobody has said that it is not good. */
  #doubted: string | null = null;
  #failedAttempts = 0;
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
    // Who has read nothing asks for the newest first, and then reads the history from its beginning.
    const isNew = since.epoch === '';
    const subscription = this.#client.newSubscription(channel, isNew ? { recoverable: true } : { since: { ...since } });
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

  async history(channel: string, since: Position | 'newest' | null, limit: number): Promise<HistoryAnswer> {
    const subscription = this.#client.getSubscription(channel);
    if (subscription === null) return { kind: 'later' };
    try {
      const { publications, offset, epoch } = await subscription.history({
        limit,
        ...(since === 'newest' ? { reverse: true } : since === null ? {} : { since }),
      });
      return { kind: 'page', publications: publications.map(received), top: { offset, epoch } };
    } catch (error) {
      const code = refusalCode(error);
      return code === null ? { kind: 'later' } : { kind: 'refused', code };
    }
  }

  async tellReceipts(batch: ReceiptBatch): Promise<ReceiptsAnswer> {
    try {
      const { data } = await this.#client.rpc('receipts', batch);
      if (isKept(data)) return { kind: 'kept' };
      const retryAfterMs = parseRetryAfterMs(data);
      return retryAfterMs === null ? { kind: 'again' } : { kind: 'again', retryAfterMs };
    } catch (error) {
      return refusalCode(error) === null ? { kind: 'again' } : { kind: 'refused' };
    }
  }

  async publish({ id, letter }: OutboxItem<MessageLetter>): Promise<PublishAnswer> {
    const { channel, bulletin } = letter;
    try {
      const { data } = await this.#client.rpc('publish', { channel, idempotency_key: id, data: { ...bulletin, id } });
      const receipt = parsePublishAnswer(data);
      if (receipt !== null) return { kind: 'posted', ...receipt };
      const retryAfterMs = parseRetryAfterMs(data);
      return retryAfterMs === null ? { kind: 'again' } : { kind: 'again', retryAfterMs };
    } catch (error) {
      const code = refusalCode(error);
      return code === null ? { kind: 'again' } : { kind: 'refused', code };
    }
  }

  #watch(): void {
    this.#client.on('connecting', () => this.#parts.phaseChanged('connecting'));
    this.#client.on('connected', () => {
      this.#terminalCloses = 0;
      this.#failedAttempts = 0;
      this.#parts.phaseChanged('connected');
    });
    this.#client.on('subscribed', ({ channel, recovered }) => {
      if (!recovered) void this.#hearLatest(channel);
    });
    this.#client.on('publication', ({ channel, data }) => this.#announce(channel, data));
    this.#client.on('error', ({ type }) => {
      if (this.#client.state !== 'connecting') return;
      if (type === 'transport') this.#noteFailedAttempt();
      this.#parts.phaseChanged('lost');
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

  #noteFailedAttempt(): void {
    this.#failedAttempts += 1;
    if (this.#failedAttempts < ATTEMPTS_BEFORE_ASKING || this.#given === null) return;
    this.#failedAttempts = 0;
    this.#doubted = this.#given;
    this.#client.setToken('');
  }

  async #token(): Promise<string> {
    const doubted = this.#doubted;
    this.#doubted = null;
    // A later question means that the first token was not, or is no longer, accepted.
    const answer = await this.#parts.enter(this.#given === null ? 'current' : 'renew');
    switch (answer.kind) {
      case 'session':
        this.#given = answer.session.token;
        return this.#given;
      case 'not-joined':
        throw new UnauthorizedError('this device is not joined');
      case 'unavailable':
        if (doubted !== null) return doubted;
        throw new Error('no session could be had');
    }
  }

  #drop(subscription: Subscription): void {
    subscription.removeAllListeners();
    this.#client.removeSubscription(subscription);
  }
}

function received(context: PublicationContext): ReceivedPublication {
  const { data, info, offset = null } = context;
  const postedAt = publicationTime(context);
  if (info === undefined) return { data, isFromService: true, offset, postedAt };
  return { data, isFromService: false, author: info.user, offset, postedAt };
}
