import { MAX_SIGNATURES, type Signature, type Signed } from '../model/signed.ts';
import { fromBase64Url, signedBytes, toBase64Url, type Bytes } from './bytes.ts';
import { json, parseManifest, parseManifestFile, type ManifestFile } from './manifest.ts';
import type { Offer } from './next_manifest.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** Ed25519 (RFC 8032) and SHA-256, by the browser where it has them, else by a library that comes when it is needed. */
export interface Cryptography {
  readonly verify: (key: Bytes, bytes: Bytes, signature: Bytes) => Promise<boolean>;
  readonly sha256: (bytes: Bytes) => Promise<Uint8Array>;
}

/** What has no Ed25519, or no cryptography at all because the page came by plain HTTP, gets it from the library. */
export async function cryptography(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Cryptography> {
  if (subtle !== undefined && (await hasEd25519(subtle))) return byBrowser(subtle);
  const { byLibrary } = await import('./library.ts');
  return byLibrary;
}

/** Whether this browser makes keys that it never gives away. */
export async function hasEd25519(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<boolean> {
  if (subtle === undefined) return false;
  try {
    // A key of everybody's knowledge: its y is 1.
    const one = Uint8Array.from({ length: KEY_BYTES }, (_, at) => (at === 0 ? 1 : 0));
    await subtle.importKey('raw', one, 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

function byBrowser(subtle: SubtleCrypto): Cryptography {
  return {
    async verify(key, bytes, signature) {
      try {
        return await subtle.verify('Ed25519', await subtle.importKey('raw', key, 'Ed25519', false, ['verify']), signature, bytes);
      } catch {
        return false;
      }
    },
    sha256: async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes)),
  };
}

/** Whether somebody signed just this text. */
export async function isSignedBy(
  by: Cryptography,
  what: 'bulletin' | 'manifest',
  text: string,
  { key, signature }: Signature,
): Promise<boolean> {
  const [publicKey, mark] = [fromBase64Url(key, KEY_BYTES), fromBase64Url(signature, SIGNATURE_BYTES)];
  const bytes = signedBytes(what, text);
  return publicKey !== null && mark !== null && bytes !== null && by.verify(publicKey, bytes, mark);
}

/** Under which a statement is named by those after it. `null`: it cannot be. */
export async function statementHash(by: Cryptography, statement: string): Promise<string | null> {
  const bytes = signedBytes('bulletin', statement);
  return bytes === null ? null : toBase64Url(await by.sha256(bytes));
}

/** Which of the signatures of a bulletin are good. */
export async function goodKeys(by: Cryptography, { statement, signatures }: Pick<Signed, 'signatures' | 'statement'>): Promise<ReadonlySet<string>> {
  const good = new Set<string>();
  for (const each of signatures.slice(0, MAX_SIGNATURES)) if (await isSignedBy(by, 'bulletin', statement, each)) good.add(each.key);
  return good;
}

/** `null`: it is no public key. */
export async function fingerprintOf(by: Cryptography, root: string): Promise<string | null> {
  const bytes = fromBase64Url(root, KEY_BYTES);
  return bytes === null ? null : toBase64Url(await by.sha256(bytes));
}

/** What the service or a file offers, checked by the root that it names. Which root that may be is asked elsewhere. */
export async function checkedOffer(by: Cryptography, value: unknown): Promise<Offer> {
  const file: ManifestFile | null = parseManifestFile(value);
  if (file === null) return { kind: 'unreadable' };
  const claimed = json(file.manifest);
  const root = typeof claimed === 'object' && claimed !== null && 'root' in claimed ? claimed.root : null;
  if (typeof root !== 'string' || !(await isSignedBy(by, 'manifest', file.manifest, { key: root, signature: file.signature }))) {
    return { kind: 'unreadable' };
  }
  const content = parseManifest(file.manifest);
  const fingerprint = await fingerprintOf(by, root);
  if (content === null || fingerprint === null || content.root !== root) return { kind: 'unreadable' };
  return { kind: 'checked', manifest: { file, content, fingerprint } };
}
