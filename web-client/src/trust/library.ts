import { hashes, verify } from '@noble/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import type { Cryptography } from './crypto.ts';

// Without a browser's cryptography it has to be told which SHA-512 it is to use.
hashes.sha512 = sha512;

/** For browsers without Ed25519. It verifies only: a key that a page can read is no place for an organiser's name. */
export const byLibrary: Cryptography = {
  verify: async (key, bytes, signature) => {
    try {
      // As RFC 8032 has it, and not as ZIP 215: what one reader takes, all take.
      return verify(signature, bytes, key, { zip215: false });
    } catch {
      return false;
    }
  },
  sha256: async (bytes) => sha256(bytes),
};
