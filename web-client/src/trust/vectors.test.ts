import { describe, expect, it } from 'vitest';
import vectors from '../../../docs/trust/vectors.json';
import { isBulletinId } from '../model/bulletin.ts';
import type { BulletinContent } from '../protocol/api.gen.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';
import { inGroups } from './bytes.ts';
import type { Log, Place } from './chain.ts';
import { checkedOffer, cryptography, fingerprintOf, goodKeys, statementHash, type Cryptography } from './crypto.ts';
import { byLibrary } from './library.ts';
import { nextManifest, type CheckedManifest } from './next_manifest.ts';
import { channelsOf, saidOf, statementText, withdrawalOf } from './publication.ts';
import { judge, type Case, type Verdict } from './verdict.ts';

const ways: [string, Cryptography][] = [
  ['by the browser', await cryptography()],
  ['by the library', byLibrary],
];

describe.each(ways)('the vectors, %s', (_way, by) => {
  it('have the fingerprints, groups and hashes that we find', async () => {
    for (const { public: key, fingerprint } of vectors.keys) expect(await fingerprintOf(by, key)).toBe(fingerprint);
    for (const { statement, hash } of vectors.hashes) expect(await statementHash(by, statement)).toBe(hash);
    expect(inGroups(vectors.anchored).join(' ')).toBe(vectors.groups);
  });

  it.each(vectors.manifests.map((each) => [each.name, each] as const))('a manifest: %s', async (_name, { signed, verdict }) => {
    const outcome = nextManifest(vectors.anchored, null, await checkedOffer(by, signed));
    const found = outcome.kind === 'alarm' ? { other_root: 'not_this_root', bad_manifest: 'signature' }[outcome.alarm as string] : 'good';
    expect(found).toBe(verdict);
  });

  it.each(vectors.publications.map((each) => [each.name, each] as const))('a publication: %s', async (_name, { channel, publication, verdict }) => {
    const one = await caseOf(by, publication, { channel, generation: 0, offset: 1 });
    expect(found(judge(await known(by), one, logOf([one])))).toEqual(verdict);
  });

  it.each(vectors.logs.map((each) => [each.name, each] as const))('a log: %s', async (_name, { channel, publications, verdicts }) => {
    const cases = await Promise.all(publications.map(async (each, at) => caseOf(by, each, { channel, generation: 0, offset: at + 1 })));
    const [knows, log] = [await known(by), logOf(cases)];
    expect(cases.map((each) => found(judge(knows, each, log)))).toEqual(verdicts);
  });
});

describe('what we sign', () => {
  it('says what the service publishes, for each sort of bulletin', () => {
    for (const { publication } of vectors.publications.slice(0, 3)) {
      const { id, kind, urgency, texts, signed, references, ...rest } = publication as unknown as Made;
      expect(isBulletinId(id)).toBe(true);
      const about = (references ?? []).map((each) => each.id);
      const content = { kind, urgency, texts, ...(about.length > 0 && { references: about }), ...rest, audience: { regions: ['north'] } };
      const { at, root, previous } = JSON.parse(signed.statement);
      const ours = JSON.parse(statementText(saidOf({ id, content }), root, channelsOf(content), at, previous));
      expect(ours).toEqual(JSON.parse(signed.statement));
    }
  });
});

describe('what we sign to take a bulletin back', () => {
  it('is what the service publishes then', () => {
    const { id, kind, urgency, texts } = madeOf('two people, urgent, for all');
    const content = { kind, urgency, texts, audience: {} };
    const { at, root, previous, ...said } = JSON.parse(madeOf('a withdrawal takes one person').signed.statement);
    const ours = JSON.parse(statementText(withdrawalOf({ id, content }), root, channelsOf(content), at, previous));
    expect(ours).toEqual({ ...said, at, root, previous });
  });
});

describe('what we sign of a test', () => {
  it('has the words of a test', () => {
    const { id } = madeOf('a test, with its words');
    const content = { kind: 'test' as const, urgency: 'normal' as const, texts: madeOf('one person, one region').texts, audience: { regions: ['north'] } };
    const { at, root, previous, ...said } = JSON.parse(madeOf('a test, with its words').signed.statement);
    expect(JSON.parse(statementText(saidOf({ id, content }), root, channelsOf(content), at, previous))).toEqual({ ...said, at, root, previous });
  });
});

function madeOf(name: string): Made {
  const found = vectors.publications.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no vector is called ${name}`);
  return found.publication as unknown as Made;
}

type Made = Omit<BulletinContent, 'audience' | 'references'> & {
  readonly id: string;
  readonly signed: { readonly statement: string };
  readonly references?: readonly { readonly id: string }[];
};

async function known(by: Cryptography) {
  const offer = await checkedOffer(by, vectors.manifests[0]?.signed);
  return { anchor: vectors.anchored, anchoredAt: 0, manifest: offer.kind === 'checked' ? (offer.manifest as CheckedManifest) : null };
}

async function caseOf(by: Cryptography, publication: unknown, place: Place): Promise<Case> {
  const shown = parseBulletin(publication);
  if (shown === null) throw new Error('the publication cannot be shown');
  const { signed } = shown;
  const good = signed === undefined ? new Set<string>() : await goodKeys(by, signed);
  const hash = signed === undefined ? '' : ((await statementHash(by, signed.statement)) ?? '');
  return { shown, place, arrivedAt: 1, good, hash };
}

function logOf(cases: readonly Case[]): Log {
  const byHash = new Map<string, Place>();
  for (const { hash, place } of cases) if (!byHash.has(hash)) byHash.set(hash, place);
  return { byHash, isComplete: () => true, wasMissing: new Set() };
}

/** A verdict in the words of the vectors. */
function found(verdict: Verdict): unknown {
  switch (verdict.kind) {
    case 'signed':
      return { is: 'verified', by: verdict.by.name, approved_by: verdict.approvedBy?.name ?? null, emergency: verdict.override };
    case 'bad':
      return { is: 'bad', reason: verdict.why };
    case 'unsigned':
    case 'unchecked':
      return { is: verdict.kind };
  }
}
