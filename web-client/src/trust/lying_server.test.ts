import { beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../model/entry.ts';
import type { ReceivedPublication } from '../sync/link.ts';
import { receivedEntry } from '../sync/entry_from.ts';
import { timeline } from '../model/timeline.ts';
import { MemoryTrustStore } from '../storage/trust_store.ts';
import { testKey, testManifest, type TestKey } from '../testing/campaign_keys.ts';
import { cryptography, fingerprintOf, statementHash, type Cryptography } from './crypto.ts';
import { Keeper, type Asked, type TrustState } from './keeper.ts';
import type { ManifestFile } from './manifest.ts';
import { channelsOf, saidOf, statementText, type ToPublish } from './publication.ts';
import type { Alarm } from './next_manifest.ts';
import type { Verdict } from './verdict.ts';

const NOW = 1_800_000_000_000;
const NORTH = 'bulletins:region.north';
const idOf = (n: number): string => `b${n.toString(16).padStart(31, '0')}`;
const PEOPLE = ['root', 'ana', 'ben', 'eve', 'other root'] as const;
type Name = (typeof PEOPLE)[number];

let by: Cryptography;
let people: Record<Name, TestKey>;
let fingerprint: string;
let ours: ManifestFile;

beforeAll(async () => {
  by = await cryptography();
  people = Object.fromEntries(await Promise.all(PEOPLE.map(async (name) => [name, await testKey()] as const))) as Record<Name, TestKey>;
  fingerprint = (await fingerprintOf(by, people.root.publicKey)) ?? '';
  ours = await manifest('root', 7);
});

async function manifest(root: Name, serial: number, more: object = {}): Promise<ManifestFile> {
  const holders = [
    { key: people.ana, name: 'ana', roles: ['sender'], more },
    { key: people.ben, name: 'ben', roles: ['approver'], more },
  ] as const;
  return testManifest(people[root], serial, holders);
}

interface Payload extends Record<string, unknown> {
  readonly id: string;
  readonly signed: { readonly statement: string; readonly signatures: readonly { readonly key: string; readonly signature: string }[] };
}

async function bulletin(n: number, names: readonly Name[] = ['ana'], after: Payload | null = null, change: object = {}): Promise<Payload> {
  const content = { kind: 'update' as const, texts: { en: { title: `T${n}`, body: 'Come.' } }, audience: { regions: ['north'] }, ...change };
  const made: ToPublish = { id: idOf(n), content };
  const channels = channelsOf(content);
  const before = after === null ? null : await statementHash(by, after.signed.statement);
  const previous = Object.fromEntries(channels.map((channel) => [channel, before]));
  const statement = statementText(saidOf(made), fingerprint, channels, NOW + n, previous);
  const signatures = await Promise.all(names.map(async (name) => ({ key: people[name].publicKey, signature: await people[name].sign(statement) })));
  return { ...saidOf(made), signed: { statement, signatures } };
}

/** What a phone makes of what a service gives it: a keeper over what the noticeboard holds. */
class Phone {
  readonly store = new MemoryTrustStore();
  offer: Asked = { kind: 'offered', value: ours };
  state: TrustState | null = null;
  #keeper: Keeper | null = null;
  entries: Entry[] = [];

  async join(): Promise<this> {
    const keeper = await this.open();
    await keeper.joinedBy(fingerprint, 5);
    await keeper.refresh();
    return this;
  }

  async open(): Promise<Keeper> {
    this.#keeper = await Keeper.open({ store: this.store, by, ask: async () => this.offer, now: () => NOW, changed: (state) => (this.state = state) });
    return this.#keeper;
  }

  get keeper(): Keeper {
    if (this.#keeper === null) throw new Error('not open');
    return this.#keeper;
  }

  /** The publications of the region's channel, the oldest first. */
  async reads(publications: readonly unknown[], { channel = NORTH, isCurrent = true }: { channel?: string; isCurrent?: boolean } = {}): Promise<Verdict[]> {
    const received = publications.map((data, at): ReceivedPublication => ({ data, isFromService: true, offset: at + 1, postedAt: NOW + at }));
    const bookmark = { generation: 0, position: { epoch: 'e', offset: 0 } };
    this.entries = received.map((each) => receivedEntry(channel, bookmark, each, NOW));
    this.keeper.read({ entries: timeline(this.entries), channels: [NORTH, 'bulletins:all'], isCurrent });
    await this.keeper.settled();
    return this.entries.flatMap(({ id }) => this.state?.verdicts.get(id) ?? []);
  }
}

const said = (verdicts: readonly Verdict[]): string[] => verdicts.map((verdict) => (verdict.kind === 'bad' ? verdict.why : verdict.kind));

interface Lie {
  readonly name: string;
  readonly found: readonly string[];
  readonly channel?: string;
  /** What it makes of three honest ones, each after the one before. */
  readonly tell: (honest: readonly Payload[]) => Promise<readonly unknown[]> | readonly unknown[];
}

const first = (honest: readonly Payload[]): Payload => honest[0] ?? (undefined as never);

const LIES: readonly Lie[] = [
  { name: 'tells the truth', found: ['signed', 'signed', 'signed'], tell: (honest) => honest },
  { name: 'forges one with a key of its own', found: ['unknown_key'], tell: async () => [await bulletin(9, ['eve'])] },
  {
    name: 'forges one in the name of a key that it has not',
    found: ['signature'],
    tell: async () => {
      const forged = await bulletin(9, ['eve']);
      return [{ ...forged, signed: { ...forged.signed, signatures: [{ key: people.ana.publicKey, signature: forged.signed.signatures[0]?.signature }] } }];
    },
  },
  { name: 'takes the signature away', found: ['unsigned'], tell: ([one]) => [{ ...one, signed: undefined }] },
  { name: 'breaks the signature', found: ['unsigned'], tell: ([one]) => [{ ...one, signed: 'none' }] },
  { name: 'changes the words', found: ['altered'], tell: ([one]) => [{ ...one, texts: { en: { title: 'T1', body: 'Do not come.' } } }] },
  { name: 'leaves a language out', found: ['altered'], tell: async () => [{ ...(await bulletin(1, ['ana'], null, { texts: { en: { title: 'a', body: 'b' }, cy: { title: 'c', body: 'd' } } })), texts: { en: { title: 'a', body: 'b' } } }] },
  { name: 'adds a link', found: ['altered'], tell: ([one]) => [{ ...one, links: [{ url: 'https://example.org/', label: { en: 'Here' } }] }] },
  { name: 'makes it urgent', found: ['altered'], tell: ([one]) => [{ ...one, kind: 'alert', urgency: 'urgent' }] },
  { name: 'lets it be over', found: ['altered'], tell: ([one]) => [{ ...one, expires_at: NOW }] },
  { name: 'says that it takes another back', found: ['altered'], tell: ([one]) => [{ ...one, references: [{ id: idOf(2), how: 'withdraws' }] }] },
  {
    name: 'changes what was signed',
    found: ['signature'],
    tell: (honest) => [{ ...first(honest), signed: { ...first(honest).signed, statement: first(honest).signed.statement.replace('Come.', 'Go.') } }],
  },
  { name: 'puts it before other readers', found: ['wrong_channel'], channel: 'bulletins:all', tell: ([one]) => [one] },
  { name: 'sends it again under another name', found: ['signed', 'signed', 'signed', 'other_id'], tell: (honest) => [...honest, { ...honest[0], id: idOf(20) }] },
  { name: 'changes the order', found: ['signed', 'previous_after', 'signed'], tell: ([a, b, c]) => [a, c, b] },
  { name: 'holds one back', found: ['signed', 'previous_missing'], tell: ([a, , c]) => [a, c] },
  { name: 'holds the first back', found: ['previous_missing', 'signed'], tell: ([, b, c]) => [b, c] },
  { name: 'shows what one person signed to all', found: ['one_signature'], channel: 'bulletins:all', tell: async () => [await bulletin(9, ['ana'], null, { audience: {} })] },
  { name: 'lets the author agree with themself', found: ['one_signature'], channel: 'bulletins:all', tell: async () => [await bulletin(9, ['ana', 'ana'], null, { audience: {} })] },
  {
    name: 'puts another agreement under it',
    found: ['signature'],
    channel: 'bulletins:all',
    tell: async () => {
      const one = await bulletin(9, ['ana'], null, { audience: {} });
      const other = await bulletin(10, ['ana', 'ben'], null, { audience: {} });
      return [{ ...one, signed: { ...one.signed, signatures: [one.signed.signatures[0], other.signed.signatures[1]] } }];
    },
  },
  { name: 'lets an approver be the author', found: ['wrong_role'], tell: async () => [await bulletin(9, ['ben'])] },
];

describe('a server that lies', () => {
  it.each(LIES)('$name, and the phone says: $found', async ({ found, channel, tell }) => {
    const a = await bulletin(1);
    const b = await bulletin(2, ['ana'], a);
    const c = await bulletin(3, ['ana'], b);
    const phone = await new Phone().join();
    const verdicts = await phone.reads(await tell([a, b, c]), channel === undefined ? {} : { channel });
    expect(said(verdicts)).toEqual(found);
    for (const verdict of verdicts) if (verdict.kind === 'unsigned') expect(verdict.isLoud).toBe(true);
  });

  it('finds what it did to any one member of a bulletin, whichever it is', async () => {
    const whole = await bulletin(1, ['ana'], null, {
      texts: { en: { title: 'a', body: 'b' }, cy: { title: 'c', body: 'd' } },
      links: [{ url: 'https://example.org/', label: { en: 'Here' } }],
      attachments: [{ id: `a${'A'.repeat(22)}`, media: 'image/png', bytes: 5, label: { en: 'Map' } }],
      place: { lat: 51, lon: -3.25, label: 'Hall' },
      event: { from: NOW },
      expires_at: NOW + 1e9,
      references: [idOf(5)],
    });
    const phone = await new Phone().join();
    expect(said(await phone.reads([whole]))).toEqual(['signed']);
    for (const name of Object.keys(whole).filter((each) => each !== 'signed' && each !== 'texts' && each !== 'id' && each !== 'kind' && each !== 'test')) {
      const { [name]: _gone, ...rest } = whole;
      const other = await new Phone().join();
      expect([name, ...said(await other.reads([rest]))]).toEqual([name, 'altered']);
    }
  });

  const OFFERS: readonly (readonly [string, () => Promise<unknown>, Alarm])[] = [
    ['an older list', async () => manifest('root', 6), 'rolled_back'],
    ['another list under the same number', async () => manifest('root', 7, { until: NOW }), 'forked'],
    ["another root's list", async () => manifest('other root', 8), 'other_root'],
    ['a list that nobody signed', async () => ({ ...ours, signature: 'A'.repeat(86) }), 'bad_manifest'],
    ['a list with a word more', async () => ({ ...ours, manifest: ours.manifest.replace('ben', 'eve') }), 'bad_manifest'],
    ['nothing like a list', async () => 'hello', 'bad_manifest'],
  ];

  it.each(OFFERS)('offers %s: it is not taken, and said loudly', async (_name, offer, alarm) => {
    const phone = await new Phone().join();
    phone.offer = { kind: 'offered', value: await offer() };
    await phone.keeper.refresh();
    expect(phone.state?.refused.offer).toBe(alarm);
    expect(phone.state?.manifest?.file).toEqual(ours);
    expect(said(await phone.reads([await bulletin(1)]))).toEqual(['signed']);
    // Also after the next start, without a connection.
    const again = await phone.open();
    expect(again.state.refused.offer).toBe(alarm);
    expect(again.state.manifest?.file).toEqual(ours);
  });

  it('has no list any more: the phone goes on with the one that it has, and says so', async () => {
    const phone = await new Phone().join();
    phone.offer = { kind: 'none' };
    await phone.keeper.refresh();
    expect(phone.state?.refused.offer).toBe('no_manifest');
    expect(said(await phone.reads([await bulletin(1)]))).toEqual(['signed']);
  });

  it('takes a key back: what it signed afterwards is bad, also what came before the list', async () => {
    const phone = await new Phone().join();
    const one = await bulletin(1);
    expect(said(await phone.reads([one]))).toEqual(['signed']);
    phone.offer = { kind: 'offered', value: await manifest('root', 8, { revoked_at: NOW }) };
    await phone.keeper.refresh();
    await phone.keeper.settled();
    expect(phone.state?.verdicts.get(one.id)).toEqual({ kind: 'bad', why: 'revoked_key' });
  });
});

describe('what a phone may conclude', () => {
  it('of an organiser whom it does not know is nothing, before it has asked for the newest list', async () => {
    const phone = await new Phone().join();
    phone.offer = { kind: 'offered', value: await testManifest(people.root, 8, [{ key: people.eve, name: 'Eve', roles: ['sender'] }]) };
    expect(said(await phone.reads([await bulletin(1, ['eve'])]))).toEqual(['signed']);
    expect(phone.state?.manifest?.content.serial).toBe(8);
  });

  it('is not that something is missing, as long as it has not read everything', async () => {
    const a: Payload = await bulletin(1);
    const phone: Phone = await new Phone().join();
    const b: Payload = await bulletin(2, ['ana'], a);
    expect(said(await phone.reads([b], { isCurrent: false }))).toEqual(['signed']);
    expect(said(await phone.reads([b]))).toEqual(['previous_missing']);
    // Known once, it is not forgotten when the connection goes.
    expect(said(await phone.reads([b], { isCurrent: false }))).toEqual(['previous_missing']);
    expect(said(await phone.reads([a, b]))).toEqual(['signed', 'signed']);
  });

  it('is nothing about whose list it is, until a person says so', async () => {
    const phone = new Phone();
    const keeper = await phone.open();
    await keeper.refresh();
    const one = await bulletin(1);
    const [verdict] = await phone.reads([one]);
    expect(verdict).toMatchObject({ kind: 'signed', isConfirmed: false });
    // Nobody said that all is signed, so this is no alarm.
    expect(await phone.reads([{ ...one, signed: undefined }])).toEqual([{ kind: 'unsigned', isLoud: false }]);
    await keeper.confirm();
    expect((await phone.reads([one]))[0]).toMatchObject({ kind: 'signed', isConfirmed: true });
    phone.offer = { kind: 'offered', value: await manifest('other root', 9) };
    await keeper.refresh();
    expect(phone.state?.refused.offer).toBe('other_root');
  });

  it('is taken from the link with which it came in, and from no later one', async () => {
    const phone = await new Phone().join();
    await phone.keeper.joinedBy((await fingerprintOf(by, people.eve.publicKey)) ?? '', 5);
    expect(phone.keeper.state.anchor?.fingerprint).toBe(fingerprint);
    expect(phone.keeper.state.refused.link).not.toBeNull();
  });

  it('never is what came by another root, when the link names ours afterwards', async () => {
    const phone = new Phone();
    phone.offer = { kind: 'offered', value: await manifest('other root', 9) };
    const keeper = await phone.open();
    await keeper.refresh();
    expect(phone.state?.manifest).not.toBeNull();
    await keeper.joinedBy(fingerprint, 5);
    await keeper.refresh();
    expect([phone.state?.manifest, phone.state?.refused.offer]).toEqual([null, 'other_root']);
    expect(said(await phone.reads([await bulletin(1)]))).toEqual(['unchecked']);
  });
});
