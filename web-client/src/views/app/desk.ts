import type { ReadonlySignal } from '@preact/signals';
import type { MessageLetter, ReplyLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import type { Quiet } from '../../model/quiet.ts';
import type { Conversations, ConversationsSnapshot } from '../../sync/conversations.ts';
import type { Drafts } from '../../sync/drafts.ts';
import type { Outbox } from '../../sync/outbox.ts';
import type { Session } from '../../model/session.ts';
import type { OwnPasskeys } from '../passkeys/account_model.ts';

/** How much there is on a page that its reader has not seen. */
export interface Unread {
  readonly inbox: number;
  readonly teams: number;
}

export const NOTHING_UNREAD: Unread = { inbox: 0, teams: 0 };

/** What pages need on which members write. */
export interface Desk {
  readonly inbox: ReadonlySignal<ConversationsSnapshot>;
  readonly conversations: Pick<Conversations, 'markRead' | 'refresh'>;
  readonly replies: Pick<Outbox<ReplyLetter>, 'add' | 'discard' | 'retry'>;
  readonly replyItems: ReadonlySignal<readonly OutboxItem<ReplyLetter>[]>;
  readonly messages: Pick<Outbox<MessageLetter>, 'add' | 'discard' | 'retry'>;
  readonly messageItems: ReadonlySignal<readonly OutboxItem<MessageLetter>[]>;
  readonly drafts: Pick<Drafts, 'get' | 'set'>;
  /** By channel, for each team of the member. */
  readonly unreadTeams: ReadonlySignal<ReadonlyMap<string, number>>;
  /** All that is in it has been seen on this screen. */
  readonly readTeam: (channel: string) => void;
  readonly quiet: ReadonlySignal<Quiet>;
  readonly chooseQuiet: (chosen: Quiet) => void;
  /** The member's passkeys; their code comes when somebody looks at them. */
  readonly passkeys: () => Promise<AppPasskeys>;
  readonly randomId: () => string;
}

export interface AppPasskeys {
  readonly own: OwnPasskeys;
  /** Takes the session of who has made one. */
  readonly confirmed: (session: Session) => void;
}
