import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';
import { openDatabase, type Database } from '../storage/database.ts';
import { IndexedMemberStore } from '../storage/member_store.ts';
import { Owner } from '../storage/owner.ts';
import { IndexedTrustStore } from '../storage/trust_store.ts';
import { testKey, testManifest } from '../testing/campaign_keys.ts';
import { linkParts } from './anchor.ts';
import { cryptography, fingerprintOf, type Cryptography } from './crypto.ts';
import { Keeper, type Asked } from './keeper.ts';
import { makeOwnKey, readOwnKey } from './own_key.ts';
import { saidOf, statementText } from './publication.ts';

const NORTH = 'bulletins:region.north';
const real = await cryptography();
const [root, ana] = await Promise.all([testKey(), testKey()]);
const list = await testManifest(root, 1, [{ key: ana, name: 'Ana', roles: ['sender'] }]);
const fingerprint = (await fingerprintOf(real, root.publicKey)) ?? '';

let database: Database;
let owner: Owner;
let verified: number;
let answer: Asked;
const counting: Cryptography = {
  ...real,
  verify: async (...of) => {
    verified += 1;
    return real.verify(...of);
  },
};

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  database = await openDatabase('test');
  owner = new Owner(() => {});
  verified = 0;
  answer = { kind: 'offered', value: list };
});

const open = async (): Promise<Keeper> =>
  Keeper.open({ store: new IndexedTrustStore({ database, owner }), by: counting, ask: async () => answer, now: () => 5, changed: () => {} });

async function entry(n: number): Promise<Entry> {
  const id = `b${n.toString(16).padStart(31, '0')}`;
  const said = saidOf({ id, content: { kind: 'update', texts: { en: { title: `T${n}`, body: 'B.' } } } });
  const statement = statementText(said, fingerprint, [NORTH], 10, { [NORTH]: null });
  const bulletin = parseBulletin({ ...said, signed: { statement, signatures: [{ key: ana.publicKey, signature: await ana.sign(statement) }] } });
  if (bulletin === null) throw new Error('no bulletin');
  return { kind: 'bulletin', id, channel: NORTH, generation: 0, offset: n, arrivedAt: 9, postedAt: 9, bulletin };
}

describe('what was verified', () => {
  it('need not be verified again after the next start, also without a connection', async () => {
    const entries = await Promise.all(Array.from({ length: 60 }, async (_, n) => entry(n)));
    const keeper = await open();
    await keeper.joinedBy(fingerprint, 5);
    await keeper.refresh();
    keeper.read({ entries, channels: [NORTH], isCurrent: true });
    await keeper.settled();
    expect([...keeper.state.verdicts.values()].every(({ kind }) => kind === 'signed')).toBe(true);
    expect(verified).toBe(61);

    answer = { kind: 'unanswered' };
    verified = 0;
    const again = await open();
    again.read({ entries, channels: [NORTH], isCurrent: false });
    await again.settled();
    expect(again.state.verdicts.size).toBe(60);
    expect([...again.state.verdicts.values()].every(({ kind }) => kind === 'signed')).toBe(true);
    // The list itself, once.
    expect(verified).toBe(1);
  });

  it('is verified again when the text or the signatures are others', async () => {
    const one = await entry(1);
    const keeper = await open();
    await keeper.refresh();
    keeper.read({ entries: [one], channels: [NORTH], isCurrent: true });
    await keeper.settled();
    if (one.kind !== 'bulletin' || one.bulletin.signed === undefined) throw new Error('not signed');
    const signed = { ...one.bulletin.signed, statement: one.bulletin.signed.statement.replace('B.', 'C.') };
    const again = await open();
    again.read({ entries: [{ ...one, bulletin: { ...one.bulletin, signed } }], channels: [NORTH], isCurrent: true });
    await again.settled();
    expect(again.state.verdicts.get(one.id)).toEqual({ kind: 'bad', why: 'signature' });
  });

  it('of bulletins that came before anybody said that there are signatures, is no alarm', async () => {
    const one = await entry(1);
    if (one.kind !== 'bulletin') throw new Error('no bulletin');
    const { signed: _gone, ...bulletin } = one.bulletin;
    const keeper = await open();
    await keeper.joinedBy(fingerprint, 5);
    keeper.read({ entries: [{ ...one, bulletin, arrivedAt: 4 }, { ...one, id: 'later', bulletin, arrivedAt: 5 }], channels: [NORTH], isCurrent: true });
    await keeper.settled();
    expect(keeper.state.verdicts.get(one.id)).toEqual({ kind: 'unsigned', isLoud: false });
    expect(keeper.state.verdicts.get('later')).toEqual({ kind: 'unsigned', isLoud: true });
  });
});

describe('what stays on a device', () => {
  const member = (id: string) => ({ id, name: null, roles: ['activist' as const] });

  it('is whose campaign it is, when another member comes, and never their key', async () => {
    const [members, store] = [new IndexedMemberStore(database, owner), new IndexedTrustStore({ database, owner })];
    await members.moveIn(member('m_1'));
    const keeper = await open();
    await keeper.joinedBy(fingerprint, 5);
    await store.put('key', { publicKey: 'x' });
    await members.moveIn(member('m_2'));
    expect(await store.get('key')).toBeUndefined();
    expect((await open()).state.anchor?.fingerprint).toBe(fingerprint);
    await members.forgetAll();
    expect((await open()).state.anchor).toBeNull();
  });

  it('is an organiser’s key that signs and cannot be read', async () => {
    // fake-indexeddb copies no key, so the row is kept as it is.
    const rows = new Map<string, unknown>();
    const store = { ...memory(rows), isDurable: true };
    const made = await makeOwnKey(store);
    expect((await makeOwnKey(store)).publicKey).toBe(made.publicKey);
    const kept = await readOwnKey(store);
    expect(await kept?.sign('{}')).toMatch(/^[\w-]{86}$/);
    const row = rows.get('key') as { privateKey: CryptoKey };
    expect(row.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', row.privateKey)).rejects.toThrow();
  });
});

function memory(rows: Map<string, unknown>) {
  return {
    get: async (row: string) => rows.get(row),
    put: async (row: string, value: unknown) => void rows.set(row, value),
    remove: async (row: string) => void rows.delete(row),
    checks: async () => [],
    keepChecks: async () => {},
  };
}

describe('a link', () => {
  it.each([
    ['token', { token: 'token', fingerprint: null }],
    [`token~${'A'.repeat(43)}`, { token: 'token', fingerprint: 'A'.repeat(43) }],
    ['token~short', { token: 'token', fingerprint: null }],
    [`transfer=ABCD2345~${'A'.repeat(43)}`, { token: 'transfer=ABCD2345', fingerprint: 'A'.repeat(43) }],
    ['transfer=ABCD2345', { token: 'transfer=ABCD2345', fingerprint: null }],
    ['', { token: '', fingerprint: null }],
  ])('%s', (fragment, parts) => {
    expect(linkParts(fragment)).toEqual(parts);
  });
});
