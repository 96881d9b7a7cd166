// @ts-check
// Tokens that the server would not make, signed with its own key (RFC 7519, RFC 8037).

import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {object} part */
const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

/**
 * A token that is valid but for what `claims` say.
 *
 * @param {import('./server.js').Server} server
 * @param {object} claims
 */
export async function minted(server, claims) {
  const keys = JSON.parse(await readFile(join(server.data, 'keys.json'), 'utf8'));
  const key = createPrivateKey({
    key: Buffer.from(keys.signing_key_pkcs8, 'base64'),
    format: 'der',
    type: 'pkcs8',
  });
  const now = Math.floor(Date.now() / 1_000);
  const usual = { sub: 'm_1', iss: 'holdfast', aud: 'holdfast', iat: now, nbf: now, exp: now + 600, roles: ['activist'] };
  const signed = `${encoded({ typ: 'JWT', alg: 'EdDSA' })}.${encoded({ ...usual, ...claims })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** @param {number} seconds */
export const secondsAgo = (seconds) => Math.floor(Date.now() / 1_000) - seconds;
