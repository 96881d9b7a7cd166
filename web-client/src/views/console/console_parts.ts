import type { ReadonlySignal } from '@preact/signals';
import type { Api } from '../../account/api.ts';
import type { AuditHeads } from '../../account/audit_heads.ts';
import type { Bulletins } from '../../account/bulletins.ts';
import type { Passkeys } from '../../account/passkeys.ts';
import type { BulletinLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import type { ChannelGrant, Member, Session } from '../../model/session.ts';
import type { Clock } from '../../platform/clock.ts';
import type { LocalValues } from '../../platform/local_values.ts';
import type { Notice } from '../../protocol/parse_notice.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import type { Outbox } from '../../sync/outbox.ts';
import type { BulletinTools } from '../shared/bulletin_tools.ts';
import type { BulletinWatch } from './bulletins/bulletin_watch.ts';
import type { ConsoleTrust } from './trust/console_trust.ts';

/** What the composition root gives to each page of the console. */
export interface ConsoleParts {
  readonly api: Api;
  /** The same for what nobody asked for: it never asks for a passkey. */
  readonly quietApi: Api;
  readonly passkeys: Passkeys;
  /** Takes the session of who has just confirmed that it is them. */
  readonly steppedUp: (session: Session) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly randomId: () => string;
  readonly values: LocalValues;
  readonly outbox: Outbox<BulletinLetter>;
  readonly outboxItems: ReadonlySignal<readonly OutboxItem<BulletinLetter>[]>;
  readonly bulletins: Bulletins;
  /** The newest bulletins, kept fresh. */
  readonly watch: BulletinWatch;
  /** Whether somebody looks at this page. */
  readonly visible: ReadonlySignal<boolean>;
  /** Calls `watch` with each notice for organisers; the answer ends it. A notice is a hint, so ask now and then as well. */
  readonly heard: (watch: (notice: Notice) => void) => () => void;
  /** Where each chain of the audit ended, as this device heard it. */
  readonly auditHeads: AuditHeads;
  readonly feed: ReadonlySignal<FeedSnapshot>;
  /** What an organiser can do as a reader. */
  readonly reader: BulletinTools;
  /** Who may sign; `null`: it has not come yet. */
  readonly trust: ReadonlySignal<ConsoleTrust | null>;
  /** Signs a draft that is handed in, once that is known. */
  readonly signing: () => Promise<ConsoleTrust>;
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
