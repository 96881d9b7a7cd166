import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { KeptConversation } from '../model/conversation.ts';
import type { Member } from '../model/session.ts';
import { IndexedConversationStore } from './conversation_store.ts';
import { openDatabase, type Database } from './database.ts';
import { IndexedMemberStore } from './member_store.ts';
import { Owner } from './owner.ts';

let database: Database;
let owner: Owner;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase('test');
  owner = new Owner(() => {});
});

const member = (id: string): Member => ({ id, name: null, roles: ['activist'] });
const conversation = (of: string): KeptConversation => {
  return { id: `${of}~general`, topic: { kind: 'general' }, isOpen: true, acknowledgeBy: null, texts: [], readUpTo: 3 };
};

describe('kept conversations', () => {
  it.each([
    ['its member is signed out', async (members: IndexedMemberStore) => members.forgetReading()],
    ['its member signs out', async (members: IndexedMemberStore) => members.forgetAll()],
    ['another member joins', async (members: IndexedMemberStore) => members.moveIn(member('m_2'))],
  ])('are removed from a device when %s', async (_when, happens) => {
    const members = new IndexedMemberStore(database, owner);
    const store = new IndexedConversationStore(database, owner);
    await members.moveIn(member('m_1'));
    expect(await store.replaceAll([conversation('m_1')])).toBe(true);
    expect(await store.all()).toEqual([conversation('m_1')]);
    await happens(members);
    expect(await store.all()).toEqual([]);
  });

  it('are not written into the database of another member', async () => {
    const members = new IndexedMemberStore(database, owner);
    await members.moveIn(member('m_1'));
    const elsewhere = new Owner(() => {});
    await new IndexedMemberStore(database, elsewhere).moveIn(member('m_2'));
    expect(await new IndexedConversationStore(database, owner).replaceAll([conversation('m_1')])).toBe(false);
    expect(await database.getAll('conversations')).toEqual([]);
  });
});
