import type { ReadonlySignal } from '@preact/signals';
import type { Api } from '../../account/api.ts';
import type { ChannelGrant, Member } from '../../model/session.ts';
import type { Clock } from '../../platform/clock.ts';
import type { LocalValues } from '../../platform/local_values.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';

/** What the composition root gives to each page of the app. */
export interface AppParts {
  readonly api: Api;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly values: LocalValues;
  readonly feed: ReadonlySignal<FeedSnapshot>;
  /** Moves once a minute. */
  readonly now: ReadonlySignal<number>;
  readonly sayItIsSlow: () => Promise<boolean>;
  readonly signOut: () => Promise<boolean>;
}

/** What each page shows: who looks, and where in the page. */
export interface AppPageProps {
  readonly parts: AppParts;
  readonly member: Member;
  readonly channels: readonly ChannelGrant[];
  readonly path: readonly string[];
}
