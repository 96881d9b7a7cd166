/** A signature, and whose it is: both base64url, Ed25519 (RFC 8032). */
export interface Signature {
  readonly key: string;
  readonly signature: string;
}

/** What goes with a bulletin for those who check who said it. Nothing of it is believed before it was verified. */
export interface Signed {
  /** The exact text that was signed, JSON. */
  readonly statement: string;
  /** Its author's first, then that of who approved it. */
  readonly signatures: readonly Signature[];
  /** One person sent it in an emergency, or so the service says. */
  readonly override: boolean;
  /** What came beside it says that it is a test. */
  readonly isTest: boolean;
}

/** Characters of a public key or a hash (32 bytes) and of a signature (64 bytes), base64url without padding. */
export const KEY = /^[\w-]{43}$/;
export const SIGNATURE = /^[\w-]{86}$/;
/** Longest statement that is looked at; a longer one is none. */
export const MAX_STATEMENT_CHARS = 16_384;
export const MAX_SIGNATURES = 2;

/** What verifying a bulletin's signatures came to, kept under the bulletin's id. */
export interface SignatureCheck {
  readonly id: string;
  /** Of what was verified: another text, or other signatures, are verified anew. */
  readonly of: string;
  readonly hash: string;
  readonly good: readonly string[];
  /** What was signed before it was found missing, while all that there was had been read. */
  readonly isWithheld: boolean;
}
