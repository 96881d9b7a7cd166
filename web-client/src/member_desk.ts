import { computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Api } from './account/api.ts';
import { keepQuiet, readQuiet } from './account/quiet_choice.ts';
import { Replies } from './account/replies.ts';
import type { MemberApp } from './member_app.ts';
import { unreadIn } from './model/conversation.ts';
import type { Letter, MessageLetter, ReplyLetter } from './model/letter.ts';
import type { OutboxItem } from './model/outbox_item.ts';
import { NOT_QUIET, type Quiet } from './model/quiet.ts';
import { isTeam } from './model/team_talk.ts';
import { furthest, unreadTalk } from './model/team_unread.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { randomUuid } from './platform/random.ts';
import { Conversations, type ConversationsSnapshot } from './sync/conversations.ts';
import { Drafts } from './sync/drafts.ts';
import { ReadMarks, type Marks } from './sync/read_marks.ts';
import { Outbox } from './sync/outbox.ts';
import type { Desk, Unread } from './views/app/desk.ts';

/** Before the first message. */
const NOTHING_SAID = { generation: 0, offset: 0 };

/**
 * What an activist writes, and what is written to them alone. It comes after the first load, and then works on every page:
 * what waits to be sent does not wait for its page to be opened.
 */
export async function openDesk(
  app: MemberApp,
  api: Api,
  values: LocalValues,
  quiet: Signal<Quiet>,
  told: (unread: Unread) => void,
): Promise<Desk> {
  const replies = new Replies(api);
  const inbox = signal<ConversationsSnapshot>({ conversations: [], freshness: { kind: 'unknown' } });
  const conversations = new Conversations({
    source: replies,
    store: app.stores.conversations,
    clock: systemClock,
    random: Math.random,
    changed: (snapshot) => (inbox.value = snapshot),
  });
  const replyItems = signal<readonly OutboxItem<ReplyLetter>[]>([]);
  const replyOutbox = new Outbox<ReplyLetter>({
    store: app.stores.outbox,
    carries: (letter: Letter) => letter.kind === 'reply',
    async publish(item) {
      const answer = await replies.send(item);
      if (answer.kind === 'posted') conversations.refresh();
      return answer;
    },
    clock: systemClock,
    random: Math.random,
    randomId: randomUuid,
    changed: (items) => (replyItems.value = items),
  });
  const messageItems = signal<readonly OutboxItem<MessageLetter>[]>([]);
  const messageOutbox = new Outbox<MessageLetter>({
    store: app.stores.outbox,
    carries: (letter: Letter): letter is MessageLetter => letter.kind === 'message' && isTeam(letter.channel),
    publish: async (item) => app.connection.publish(item),
    clock: systemClock,
    random: Math.random,
    randomId: randomUuid,
    changed: (items) => (messageItems.value = items),
  });
  const drafts = new Drafts(values);
  const marks = signal<Marks>(new Map());
  const readMarks = new ReadMarks(values, (changed) => (marks.value = changed));
  await Promise.all([replyOutbox.load(), messageOutbox.load()]);

  const member = memberOf(app);
  effect(() => {
    const id = member.value;
    untracked(() => {
      drafts.memberChanged(id);
      readMarks.memberChanged(id);
      quiet.value = id === null ? NOT_QUIET : readQuiet(values, id);
      replyOutbox.memberChanged(id);
      messageOutbox.memberChanged(id);
      void conversations.memberChanged(id);
    });
  });
  const connectionChanged = (connected: boolean): void => {
    replyOutbox.connectionChanged(connected);
    messageOutbox.connectionChanged(connected);
    conversations.connectionChanged(connected);
  };
  app.onPhase((phase) => connectionChanged(phase === 'connected'));
  connectionChanged(app.phase === 'connected');

  const hints = computed(() => app.feed.value.entries.filter(({ channel }) => channel.startsWith('inbox#')).length);
  effect(() => {
    if (hints.value > 0) untracked(() => conversations.refresh());
  });
  effect(() => {
    const sent = new Set(inbox.value.conversations.flatMap(({ texts }) => texts.map(({ id }) => id)));
    const done = replyItems.value.filter(({ id, state }) => state.kind === 'posted' && sent.has(id));
    untracked(() => {
      for (const { id } of done) void replyOutbox.discard(id);
    });
  });
  effect(() => {
    const said = new Set(app.feed.value.entries.map(({ id }) => id));
    const done = messageItems.value.filter(({ id, state }) => state.kind === 'posted' && said.has(id));
    untracked(() => {
      for (const { id } of done) void messageOutbox.discard(id);
    });
  });
  const teams = computed(() => teamsOf(app));
  effect(() => {
    // What was said before this device came is history, not news.
    const { entries, link } = app.feed.value;
    if (link.kind !== 'live') return;
    const unmarked = teams.value.filter((channel) => !marks.value.has(channel));
    untracked(() => {
      for (const channel of unmarked) readMarks.read(channel, furthest(entries, channel) ?? NOTHING_SAID);
    });
  });
  const unreadTeams = computed(() => {
    const own = member.value ?? '';
    const { entries } = app.feed.value;
    const counted = (channel: string): number => unreadTalk(entries, channel, marks.value.get(channel) ?? null, own, quiet.value);
    return new Map(teams.value.map((channel) => [channel, counted(channel)]));
  });
  effect(() => {
    const answers = inbox.value.conversations.reduce((sum, each) => sum + unreadIn(each), 0);
    const talk = [...unreadTeams.value.values()].reduce((sum, each) => sum + each, 0);
    told({ inbox: answers, teams: talk });
  });

  return {
    inbox,
    conversations,
    replies: replyOutbox,
    replyItems,
    messages: messageOutbox,
    messageItems,
    drafts,
    unreadTeams,
    readTeam: (channel) => {
      const place = furthest(app.feed.value.entries, channel);
      if (place !== null) readMarks.read(channel, place);
    },
    quiet,
    chooseQuiet: (chosen) => {
      quiet.value = chosen;
      if (member.value !== null) keepQuiet(values, member.value, chosen);
    },
    passkeys: async () => (await import('./member_passkeys.ts')).openPasskeys(app),
    randomId: randomUuid,
  };
}

function teamsOf({ membership: { value } }: MemberApp): readonly string[] {
  return value.kind === 'member' ? value.channels.map(({ name }) => name).filter(isTeam) : [];
}

function memberOf(app: MemberApp): ReadonlySignal<string | null> {
  return computed(() => (app.membership.value.kind === 'member' ? app.membership.value.member.id : null));
}
