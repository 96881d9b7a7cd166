/** The exact bytes that are signed and hashed. A text is signed as it stands, under a word that says what it is. */
export type Bytes = Uint8Array<ArrayBuffer>;

const DOMAINS = { manifest: 'holdfast manifest 1\n', bulletin: 'holdfast bulletin 1\n' } as const;

/** UTF-8 of what is signed. `null`: half a character is in it, which no UTF-8 can say. */
export function signedBytes(what: keyof typeof DOMAINS, text: string): Bytes | null {
  return isWellFormed(text) ? new TextEncoder().encode(DOMAINS[what] + text) : null;
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** `null`: it is not so many bytes, or not written in the one way in which they are written. */
export function fromBase64Url(text: string, length: number): Bytes | null {
  if (!/^[\w-]*$/.test(text)) return null;
  try {
    const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(plain, (char) => char.charCodeAt(0));
    return bytes.length === length && toBase64Url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** A fingerprint or a key as people compare it: groups of four. */
export function inGroups(text: string): readonly string[] {
  return text.match(/.{1,4}/g) ?? [];
}

function isWellFormed(text: string): boolean {
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) return false;
  }
  return true;
}
