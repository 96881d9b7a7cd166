import { describe, expect, it } from 'vitest';
import { testKey, testManifest, type TestKey } from '../../../testing/campaign_keys.ts';
import { checkedOffer, cryptography } from '../../../trust/crypto.ts';
import type { ManifestFile } from '../../../trust/manifest.ts';
import { nextManifest, type CheckedManifest } from '../../../trust/next_manifest.ts';
import { UploadModel } from './upload_model.ts';

const by = await cryptography();
const [root, other, ana, ben] = await Promise.all([testKey(), testKey(), testKey(), testKey()]);
const named = (key: TestKey, name: string, more: object = {}) => ({ key, name, roles: ['sender'] as const, more });
const first = await testManifest(root, 1, [named(ana, 'Ana')]);
const next = await testManifest(root, 2, [named(ana, 'Ana', { revoked_at: 5 }), named(ben, 'Ben')]);

async function model(kept: ManifestFile | null, sent: unknown[] = []): Promise<UploadModel> {
  const offer = await checkedOffer(by, kept);
  const known: CheckedManifest | null = offer.kind === 'checked' ? offer.manifest : null;
  return new UploadModel({
    check: async (value) => nextManifest(null, known, await checkedOffer(by, value)),
    kept: () => known?.content ?? null,
    put: async (file) => {
      sent.push(file);
      return { kind: 'ok', value: null, tag: null };
    },
    refresh: async () => true,
  });
}

const file = (value: unknown): Blob => new Blob([typeof value === 'string' ? value : JSON.stringify(value)]);

describe('a new list', () => {
  it('says who comes and who goes before the service gets it', async () => {
    const sent: unknown[] = [];
    const upload = await model(first, sent);
    await upload.choose(file(next));
    const { value } = upload.upload;
    if (value.kind !== 'ready') throw new Error(value.kind);
    expect(value.changes.added.map(({ name }) => name)).toEqual(['Ben']);
    expect(value.changes.revoked.map(({ name }) => name)).toEqual(['Ana']);
    expect(sent).toEqual([]);
    await upload.send();
    expect(sent).toEqual([next]);
    expect(upload.upload.value).toEqual({ kind: 'done' });
  });

  it('is said to be the first', async () => {
    const upload = await model(null);
    await upload.choose(file(first));
    expect(upload.upload.value).toMatchObject({ kind: 'ready', isFirst: true });
  });

  const REFUSED: readonly (readonly [string, () => Promise<unknown>, string])[] = [
    ['no JSON', async () => 'hello', 'bad'],
    ['changed', async () => ({ ...next, manifest: next.manifest.replace('Ben', 'Eve') }), 'bad'],
    ["another campaign's", async () => testManifest(other, 3, []), 'other'],
    ['what the service has', async () => first, 'same'],
    ['another under the same number', async () => testManifest(root, 1, []), 'forked'],
    ['too large', async () => 'x'.repeat(200_000), 'too_large'],
  ];

  it.each(REFUSED)('that is %s is not sent', async (_name, make, why) => {
    const sent: unknown[] = [];
    const upload = await model(first, sent);
    await upload.choose(file(await make()));
    expect(upload.upload.value).toEqual({ kind: 'bad', why });
    await upload.send();
    expect(sent).toEqual([]);
  });

  it('that is older is not sent', async () => {
    const upload = await model(next);
    await upload.choose(file(first));
    expect(upload.upload.value).toEqual({ kind: 'bad', why: 'older' });
  });
});
