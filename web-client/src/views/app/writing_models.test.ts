import { signal } from '@preact/signals';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../model/entry.ts';
import type { Letter, MessageLetter, ReplyLetter } from '../../model/letter.ts';
import type { OutboxItem } from '../../model/outbox_item.ts';
import { NOT_QUIET } from '../../model/quiet.ts';
import { FIRST_VISIT } from '../../model/visit.ts';
import type { ConversationsSnapshot } from '../../sync/conversations.ts';
import type { FeedSnapshot } from '../../sync/feed.ts';
import { settle } from '../../testing/settle.ts';
import { InboxModel } from '../inbox/inbox_model.ts';
import { TeamsModel } from '../teams/teams_model.ts';
import type { Desk } from './desk.ts';

const TEAM = 'teams:leaflets';
const GENERAL = { kind: 'general' } as const;

let added: [string, Letter][];
let removed: string[];
let kept: Map<string, string>;
/** Lets what is being kept be kept. */
let finish: () => void;
let desk: Desk;
const feed = signal<FeedSnapshot>({ entries: [], link: { kind: 'live' }, visit: FIRST_VISIT });
const replyItems = signal<readonly OutboxItem<ReplyLetter>[]>([]);
const messageItems = signal<readonly OutboxItem<MessageLetter>[]>([]);

beforeEach(() => {
  added = [];
  removed = [];
  kept = new Map();
  feed.value = { entries: [], link: { kind: 'live' }, visit: FIRST_VISIT };
  messageItems.value = [];
  const outbox = {
    add: async (id: string, letter: Letter) => {
      added.push([id, letter]);
      await new Promise<void>((resolve) => (finish = resolve));
    },
    discard: async (id: string) => void removed.push(id),
    retry: async () => {},
  };
  desk = {
    inbox: signal<ConversationsSnapshot>({ conversations: [], freshness: { kind: 'fresh' } }),
    conversations: { markRead: async () => {}, refresh: () => {} },
    replies: outbox,
    replyItems,
    messages: outbox,
    messageItems,
    drafts: { get: (where) => kept.get(where) ?? '', set: (where, text) => void kept.set(where, text) },
    unreadTeams: signal(new Map()),
    readTeam: () => {},
    quiet: signal(NOT_QUIET),
    chooseQuiet: () => {},
    passkeys: async () => Promise.reject(new Error('nobody looks at them')),
    randomId: () => `id ${added.length + 1}`,
  };
});

describe('what is sent', () => {
  it('leaves the field only when the device holds it', async () => {
    const model = new InboxModel(desk, feed);
    model.write(GENERAL, 'Hello ');
    const sent = model.send(GENERAL, 'Hello');
    expect(model.draft(GENERAL)).toBe('Hello ');
    finish();
    await sent;
    expect(model.draft(GENERAL)).toBe('');
    expect(added).toEqual([['id 1', { kind: 'reply', text: 'Hello', about: null, isComplaint: false }]]);
  });

  it('takes nothing with it that was written meanwhile', async () => {
    const inbox = new InboxModel(desk, feed);
    inbox.write(GENERAL, 'First');
    const first = inbox.send(GENERAL, 'First');
    inbox.write(GENERAL, 'Second');
    finish();
    await first;
    expect(inbox.draft(GENERAL)).toBe('Second');

    const teams = new TeamsModel(desk, feed);
    teams.write(TEAM, 'First');
    const word = teams.send(TEAM, 'cy', 'First');
    teams.write(TEAM, 'Second');
    finish();
    await word;
    expect(teams.draft(TEAM)).toBe('Second');
    const bulletin = { id: 'id 2', kind: 'update', texts: { cy: { title: '', body: 'First' } } };
    expect(added[1]).toEqual(['id 2', { kind: 'message', channel: TEAM, bulletin }]);
  });

  it('comes back before what is being written, when it was refused', async () => {
    const model = new InboxModel(desk, feed);
    model.write(GENERAL, 'Now');
    const letter = { kind: 'reply', text: 'Before', about: null, isComplaint: false } as const;
    await model.takeBack({ id: 'old', author: 'm_1', letter, createdAt: 1, state: { kind: 'refused', code: 'bad_request' } });
    expect(model.draft(GENERAL)).toBe('Before\n\nNow');
    expect(removed).toEqual(['old']);
  });

  it('is shown once in a team, in the outbox or in the talk', async () => {
    const model = new TeamsModel(desk, feed);
    const bulletin = { id: 'a', kind: 'update', texts: { en: { title: '', body: 'Word' } } } as const;
    const letter = { kind: 'message', channel: TEAM, bulletin } as const;
    messageItems.value = [{ id: 'a', author: 'm_1', letter, createdAt: 1, state: { kind: 'posted', position: null, isDurable: true } }];
    expect(model.team(TEAM).unsent).toHaveLength(1);
    const entry: Entry = { kind: 'bulletin', id: 'a', channel: TEAM, generation: 0, offset: 1, arrivedAt: 2, postedAt: 2, author: 'm_1', bulletin };
    feed.value = { ...feed.value, entries: [entry] };
    await settle();
    expect(model.team(TEAM).unsent).toEqual([]);
    expect(model.team(TEAM).last).toEqual(entry);
    expect(model.entries(TEAM)).toEqual([entry]);
  });
});
