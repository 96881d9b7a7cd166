import type { ReadonlySignal } from '@preact/signals';
import type { Api } from '../../account/api.ts';
import type { ChannelGrant, Member } from '../../model/session.ts';
import type { Install } from '../../platform/install.ts';
import type { Clock } from '../../platform/clock.ts';
import type { LocalValues } from '../../platform/local_values.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import type { TrustTools } from '../trust/trust_tools.ts';
import type { BulletinTools } from '../shared/bulletin_tools.ts';

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
  /** What a reader can do with a bulletin, wherever it is shown. */
  readonly bulletins: BulletinTools;
  readonly sayItIsSlow: () => Promise<boolean>;
  readonly signOut: () => Promise<boolean>;
  /** The service has said that the member left or was erased. */
  readonly ended: () => Promise<void>;
  /** The member is called so from now on. */
  readonly named: (name: string | null) => Promise<void>;
  /** How this app came here, and how it can be put on the home screen. */
  readonly install: Install;
  /** Who may sign; `null`: it has not come yet. */
  readonly trust: ReadonlySignal<TrustTools | null>;
}

/** What each page shows: who looks, and where in the page. */
export interface AppPageProps {
  readonly parts: AppParts;
  readonly member: Member;
  readonly channels: readonly ChannelGrant[];
  readonly path: readonly string[];
}
