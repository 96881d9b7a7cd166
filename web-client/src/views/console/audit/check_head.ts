import type { AuditHead } from './audit_shape.ts';

/** Whether a head's signature is of the key that came with it. Older browsers cannot say. */
export type Signed = 'good' | 'bad' | 'unknown';

export async function checkHead(head: AuditHead, subtle: SubtleCrypto | undefined): Promise<Signed> {
  if (subtle === undefined) return 'unknown';
  const { chain, lines, hash, at } = head;
  const words = `holdfast signed 1 audit\nhead 1\n${chain}\n${lines}\n${hash}\n${at}\n`;
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: head.public_key };
    const key = await subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
    const isGood = await subtle.verify('Ed25519', key, bytesOf(head.signature), new TextEncoder().encode(words));
    return isGood ? 'good' : 'bad';
  } catch {
    return 'unknown';
  }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
