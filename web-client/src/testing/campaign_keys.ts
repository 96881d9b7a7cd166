import { signedBytes, toBase64Url } from '../trust/bytes.ts';
import type { ManifestFile } from '../trust/manifest.ts';

/** A key that a test signs with. */
export interface TestKey {
  readonly publicKey: string;
  readonly sign: (text: string, what?: 'bulletin' | 'manifest') => Promise<string>;
}

export async function testKey(): Promise<TestKey> {
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('no pair of keys');
  return {
    publicKey: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
    async sign(text, what = 'bulletin') {
      const bytes = signedBytes(what, text);
      if (bytes === null) throw new Error('half a character');
      return toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes)));
    },
  };
}

export interface TestHolder {
  readonly key: TestKey;
  readonly name: string;
  readonly roles: readonly ('approver' | 'sender')[];
  readonly more?: object;
}

/** A list of who may sign, as the key-keeper makes it. */
export async function testManifest(root: TestKey, serial: number, holders: readonly TestHolder[], twoPeople = true): Promise<ManifestFile> {
  const keys = holders.map(({ key, name, roles, more }) => ({ key: key.publicKey, name, roles, from: 1, ...more }));
  const text = JSON.stringify({ v: 1, root: root.publicKey, serial, issued_at: 1, two_people: twoPeople, keys });
  return { manifest: text, signature: await root.sign(text, 'manifest') };
}
