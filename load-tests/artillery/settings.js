'use strict';

const { readFileSync } = require('node:fs');

/** Most connections that a node lets one device hold; further ones close the oldest. */
const CONNECTIONS_PER_TOKEN = 16;

const tokens = readFileSync(process.env.TOKENS, 'utf8').split('\n').filter((line) => line !== '');

/** The token of the nth connection, counted from 0. */
function tokenOf(n) {
  const token = tokens[Math.floor(n / CONNECTIONS_PER_TOKEN)];
  if (token === undefined) throw new Error(`TOKENS has too few lines for ${n + 1} connections`);
  return token;
}

module.exports = { CHANNEL: 'bulletins:all', SENDER_TOKEN: process.env.SENDER_TOKEN, tokenOf };
