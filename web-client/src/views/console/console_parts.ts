import type { ReadonlySignal } from '@preact/signals';
import type { Api } from '../../account/api.ts';
import type { MessageLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import type { ChannelGrant, Member } from '../../model/session.ts';
import type { Clock } from '../../platform/clock.ts';
import type { LocalValues } from '../../platform/local_values.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import type { Outbox } from '../../sync/outbox.ts';

/** What the composition root gives to each page of the console. */
export interface ConsoleParts {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly values: LocalValues;
  readonly outbox: Outbox<MessageLetter>;
  readonly outboxItems: ReadonlySignal<readonly OutboxItem<MessageLetter>[]>;
  readonly feed: ReadonlySignal<FeedSnapshot>;
  /** Moves once a minute. */
  readonly now: ReadonlySignal<number>;
}

/** What each page shows: who looks, and where in the page. */
export interface ConsolePageProps {
  readonly parts: ConsoleParts;
  readonly member: Member;
  readonly channels: readonly ChannelGrant[];
  /** Below the page: `#people/invites` has `['invites']`. */
  readonly path: readonly string[];
}
