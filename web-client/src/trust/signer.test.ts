import { beforeEach, describe, expect, it } from 'vitest';
import type { Bulletin } from '../protocol/api.gen.ts';
import { MemoryTrustStore } from '../storage/trust_store.ts';
import { testKey, testManifest, type TestKey } from '../testing/campaign_keys.ts';
import { cryptography, statementHash } from './crypto.ts';
import { Keeper } from './keeper.ts';
import type { ManifestFile } from './manifest.ts';
import { Signer, type AuthorSignature, type Heads, type Signing } from './signer.ts';

const NOW = 1_800_000_000_000;
const ID = `b${'0'.repeat(31)}`;
const by = await cryptography();
const [root, ana, ben, eve] = await Promise.all([testKey(), testKey(), testKey(), testKey()]);
const list = await testManifest(root, 1, [
  { key: ana, name: 'Ana', roles: ['sender'] },
  { key: ben, name: 'Ben', roles: ['approver'] },
]);

let offered: ManifestFile | null;
let heads: Heads | null;

beforeEach(() => {
  offered = list;
  heads = new Map();
});

async function signer(key: TestKey | null): Promise<Signer> {
  const ask = async () => (offered === null ? ({ kind: 'none' } as const) : ({ kind: 'offered', value: offered } as const));
  const keeper = await Keeper.open({ store: new MemoryTrustStore(), by, ask, now: () => NOW, changed: () => {} });
  return new Signer({ keeper, by, key: async () => key, heads: async () => heads, read: () => [], now: () => NOW });
}

const bulletin: Bulletin = {
  id: ID,
  state: 'awaiting_approval',
  revision: 1,
  authors: ['m_1'],
  content: { kind: 'alert', urgency: 'urgent', texts: { en: { title: 'Come', body: 'Now.' } }, audience: {} },
  created_at_ms: 1,
  needs: 'two_people',
};

const withOf = <T>(signing: Signing<T>): T => {
  if (signing.kind !== 'signed') throw new Error(JSON.stringify(signing));
  return signing.with;
};

async function submitted(): Promise<Bulletin> {
  const { statement, ...by } = withOf<AuthorSignature>(await (await signer(ana)).submit(bulletin));
  return { ...bulletin, signed: { statement, signatures: [by] } };
}

describe('whoever hands a bulletin in', () => {
  it('signs what it says, where it goes, and what was signed there before', async () => {
    const before = await submitted();
    heads = new Map([['bulletins:all', before.signed ?? null]]);
    const { statement } = withOf<AuthorSignature>(await (await signer(ana)).submit(bulletin));
    expect(JSON.parse(statement)).toMatchObject({
      id: ID, kind: 'alert', urgency: 'urgent', channels: ['bulletins:all'], at: NOW, texts: bulletin.content.texts,
      previous: { 'bulletins:all': await statementHash(by, before.signed?.statement ?? '') },
    });
  });

  it('names nothing before it that it could not verify', async () => {
    const before = await submitted();
    const statement = before.signed?.statement.replace('Come', 'Go') ?? '';
    heads = new Map([['bulletins:all', { statement, signatures: before.signed?.signatures ?? [] }]]);
    const signed = withOf<AuthorSignature>(await (await signer(ana)).submit(bulletin));
    expect(JSON.parse(signed.statement).previous).toEqual({ 'bulletins:all': null });
  });

  it('signs nothing where the campaign has no list of who may', async () => {
    offered = null;
    expect(await (await signer(ana)).submit(bulletin)).toEqual({ kind: 'not-needed' });
  });

  it.each([
    ['has no key', null, 'no_key'],
    ['is not on the list', eve, 'key_not_listed'],
    ['may only agree', ben, 'key_not_good'],
  ] as const)('is told why not, who %s', async (_name, key, why) => {
    expect(await (await signer(key)).submit(bulletin)).toEqual({ kind: 'cannot', why });
  });

  it('waits where the service does not say what was signed before', async () => {
    heads = null;
    expect(await (await signer(ana)).submit(bulletin)).toEqual({ kind: 'cannot', why: 'heads_unknown' });
  });

  it('signs nothing by a list that it does not believe', async () => {
    offered = { ...list, signature: 'A'.repeat(86) };
    expect(await (await signer(ana)).submit(bulletin)).toEqual({ kind: 'cannot', why: 'manifest_refused' });
  });

  it('takes a bulletin back with a statement of its own, which an approver may sign as well', async () => {
    for (const key of [ana, ben]) {
      const { statement } = withOf<AuthorSignature>(await (await signer(key)).withdraw(bulletin));
      expect(JSON.parse(statement)).toMatchObject({ id: `${ID}.withdrawn`, kind: 'cancel', references: [{ id: ID, how: 'withdraws' }] });
    }
  });
});

describe('whoever agrees', () => {
  it('signs what the author signed, when it is what they see', async () => {
    const shown = await submitted();
    const { key, signature } = withOf(await (await signer(ben)).approve(shown));
    expect(key).toBe(ben.publicKey);
    expect(signature).toBe(await ben.sign(shown.signed?.statement ?? ''));
  });

  it.each([
    ['other words', { content: { ...bulletin.content, texts: { en: { title: 'Come', body: 'Never.' } } } }, 'author_signed_other'],
    ['other readers', { content: { ...bulletin.content, audience: { regions: ['north'] } } }, 'author_signed_other'],
    ['another bulletin', { id: `b${'1'.repeat(31)}` }, 'author_signed_other'],
    ['no signature', { signed: null }, 'author_not_signed'],
  ] as const)('signs nothing when the service shows %s', async (_name, change, why) => {
    expect(await (await signer(ben)).approve({ ...(await submitted()), ...change } as Bulletin)).toEqual({ kind: 'cannot', why });
  });

  it('does not agree with themself, nor without the role', async () => {
    expect(await (await signer(ana)).approve(await submitted())).toEqual({ kind: 'cannot', why: 'key_not_good' });
  });

  it('signs nothing that a stranger wrote', async () => {
    const shown = await submitted();
    
    const statement = shown.signed?.statement ?? '';
    const signed = { statement, signatures: [{ key: ana.publicKey, signature: await eve.sign(statement) }] };
    expect(await (await signer(ben)).approve({ ...shown, signed })).toEqual({ kind: 'cannot', why: 'author_not_signed' });
  });
});
