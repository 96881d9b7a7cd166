import { SharedArray } from 'k6/data';

export const TARGET = __ENV.TARGET || 'ws://127.0.0.1:8000/connection/websocket';
export const CHANNEL = 'bulletins:all';
export const SENDER_TOKEN = __ENV.SENDER_TOKEN || '';
export const P95_MS = number('P95_MS', 500);

/** Most connections that a node lets one device hold; further ones close the oldest. */
const CONNECTIONS_PER_TOKEN = 16;

if (!__ENV.TOKENS) throw new Error('TOKENS names no file of access tokens');
// k6 resolves the path from the folder of the script that is run, so TOKENS is best absolute.
const tokens = new SharedArray('tokens', () => open(__ENV.TOKENS).split('\n').filter((line) => line !== ''));

export function number(name, otherwise) {
  const value = Number(__ENV[name] || otherwise);
  if (!(value > 0)) throw new Error(`${name} is not a number above zero`);
  return value;
}

/** The token of the nth connection, counted from 0. */
export function tokenOf(n) {
  const token = tokens[Math.floor(n / CONNECTIONS_PER_TOKEN)];
  if (token === undefined) throw new Error(`TOKENS has too few lines for ${n + 1} connections`);
  return token;
}
