import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemberApp } from './member_app.ts';
import type { LocalValues } from './platform/local_values.ts';
import { openDatabase } from './storage/database.ts';
import { settle } from './testing/settle.ts';

const UNAUTHORIZED = { status: 401, body: { code: 'unauthorized' } };
let kept: Map<string, string>;
let answer: { status: number; body: unknown };

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  kept = new Map();
  answer = { status: 503, body: null };
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(answer.body), { status: answer.status }));
});

const values: LocalValues = {
  get: (key) => kept.get(key) ?? null,
  set: (key, value) => void kept.set(key, value),
  remove: (key) => void kept.delete(key),
};
const session = (id: string) => ({
  member: { id, name: null, roles: [] },
  token: 't',
  postsForMs: 600_000,
  channels: [{ name: 'bulletins:all', mayPost: false }],
});

async function openAs(id: string): Promise<MemberApp> {
  const app = await MemberApp.open(values);
  await app.join(session(id));
  return app;
}

/** A newer version in another tab closes this page's database under it. */
async function breakDatabase(): Promise<void> {
  await new Promise((resolve) => {
    const request = indexedDB.open('holdfast', 99);
    request.onsuccess = resolve;
  });
}

async function turns(app: MemberApp, kind: string): Promise<void> {
  await vi.waitFor(() => expect(app.membership.value.kind).toBe(kind));
}

describe('a device whose database broke', () => {
  it('still stops showing what was read when it is signed out by the service', async () => {
    const app = await openAs('m_1');
    await breakDatabase();
    answer = UNAUTHORIZED;
    await app.sessions.renew();
    await turns(app, 'not-joined');
    expect(kept.get('holdfast.forget')).toBe('reading');
  });

  it('can be signed out, and joined by another', async () => {
    const app = await openAs('m_1');
    await breakDatabase();
    answer = { status: 200, body: null };
    expect(await app.signOut()).toBe(true);
    expect(app.membership.value.kind).toBe('not-joined');
    await app.join(session('m_2'));
    expect(app.membership.value).toMatchObject({ kind: 'member', member: { id: 'm_2' } });
    expect(app.storageWorks.value).toBe(false);
  });

  it('opens, and says that it keeps nothing, when its store cannot be read', async () => {
    const get = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(() => {
      throw new Error('broken');
    });
    const app = await MemberApp.open(values);
    get.mockRestore();
    expect([app.membership.value.kind, app.storageWorks.value]).toEqual(['opening', false]);
  });
});

describe('signing out', () => {
  it('leaves nothing of the member, nor of the draft', async () => {
    const app = await openAs('m_1');
    kept.set('holdfast.draft', '{}');
    answer = { status: 200, body: null };
    await app.signOut();
    expect([...kept]).toEqual([]);
    expect(await (await openDatabase('holdfast')).getAll('facts')).toEqual([]);
  });

  it('is not undone by a session that was asked for before', async () => {
    const app = await openAs('m_1');
    let resolve = (_response: Response): void => {};
    const promise = new Promise<Response>((answered) => (resolve = answered));
    vi.stubGlobal('fetch', async (_path: string, { method }: RequestInit) => (method === 'POST' ? promise : new Response('null')));
    const renewed = app.sessions.renew();
    await app.signOut();
    resolve(Response.json({ member: { id: 'm_1', name: null, roles: [] }, ticket: 't', renew_in_s: 600, channels: [] }));
    expect((await renewed).kind).toBe('not-joined');
    await settle();
    expect(app.membership.value.kind).toBe('not-joined');
  });

  it('is noticed by another tab at its next write', async () => {
    const there = await openAs('m_1');
    const here = await openAs('m_1');
    answer = { status: 200, body: null };
    await here.signOut();
    answer = UNAUTHORIZED;
    await there.stores.feed.setCurrentAsOf(1);
    await turns(there, 'not-joined');
  });
});

describe('a device in the waiting room', () => {
  const place = { code: 'waiting', place: 'secret', position: 412, wait_s: 180, retry_after_s: 20 };

  it('says so, keeps what it has, and says no more when it is in', async () => {
    const app = await openAs('m_1');
    answer = { status: 503, body: place };
    await app.sessions.renew();
    expect(app.waiting.value).toEqual({ position: 412, waitMs: 180_000 });
    expect([app.feed.value.link.kind, app.membership.value.kind]).toEqual(['waiting', 'member']);
    await app.join(session('m_1'));
    expect([app.waiting.value, app.feed.value.link.kind]).toEqual([null, 'connecting']);
  });

  it('knows after a reload what its member may post to, and nothing of it once they are out', async () => {
    await openAs('m_1');
    const again = await MemberApp.open(values);
    expect(again.membership.value).toMatchObject({ kind: 'member', channels: [{ name: 'bulletins:all', mayPost: false }] });
    answer = UNAUTHORIZED;
    await again.sessions.renew();
    await turns(again, 'not-joined');
    expect(kept.has('holdfast.channels')).toBe(false);
  });

  it('keeps the name of its member when only the ticket was looked at', async () => {
    const app = await MemberApp.open(values);
    await app.join({ ...session('m_1'), member: { id: 'm_1', name: 'Mair', roles: [] } });
    await app.join(session('m_1'));
    expect(app.membership.value).toMatchObject({ member: { id: 'm_1', name: 'Mair' } });
    await app.join(session('m_2'));
    expect(app.membership.value).toMatchObject({ member: { id: 'm_2', name: null } });
  });
});

describe('a 401', () => {
  it('of a proxy empties nothing', async () => {
    const app = await openAs('m_1');
    answer = { status: 401, body: 'Log in to the hotel network' };
    expect((await app.sessions.renew()).kind).toBe('unavailable');
    await settle();
    expect(app.membership.value.kind).toBe('member');
  });
});
