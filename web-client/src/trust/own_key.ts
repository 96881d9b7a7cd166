import type { TrustStore } from '../storage/trust_store.ts';
import { signedBytes, toBase64Url } from './bytes.ts';
import { hasEd25519 } from './crypto.ts';

/** An organiser's key. Its private half cannot be read, not even by this page: it signs, and that is all. */
export interface OwnKey {
  readonly publicKey: string;
  readonly sign: (statement: string) => Promise<string>;
}

/** Whether this browser can have one, and keeps it beyond this page. */
export async function mayHaveKey(store: TrustStore): Promise<boolean> {
  return store.isDurable && (await hasEd25519());
}

/** Makes one, unless there is one: who has a key has one name. */
export async function makeOwnKey(store: TrustStore): Promise<OwnKey> {
  const known = await readOwnKey(store);
  if (known !== null) return known;
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('the browser made no pair of keys');
  const publicKey = toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  await store.put('key', { publicKey, privateKey: pair.privateKey });
  return ownKey(publicKey, pair.privateKey);
}

/** `null`: there is none in this browser. */
export async function readOwnKey(store: TrustStore): Promise<OwnKey | null> {
  const row = await store.get('key');
  if (typeof row !== 'object' || row === null || !('publicKey' in row) || !('privateKey' in row)) return null;
  const { publicKey, privateKey } = row;
  return typeof publicKey === 'string' && privateKey instanceof CryptoKey ? ownKey(publicKey, privateKey) : null;
}

function ownKey(publicKey: string, privateKey: CryptoKey): OwnKey {
  return {
    publicKey,
    async sign(statement) {
      const bytes = signedBytes('bulletin', statement);
      if (bytes === null) throw new Error('half a character cannot be signed');
      return toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes)));
    },
  };
}
