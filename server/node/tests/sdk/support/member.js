// @ts-check
// A member at the SDK.

import WebSocket from 'ws';
import { event } from './deadline.js';
import { sdkClient } from './encodings.js';
import { Gathered } from './gathered.js';

/** @typedef {Pick<import('node:test').TestContext, 'after'>} TestContext what says when the test is over */
/** @typedef {import('./server.js').Server} Server */
/** @typedef {import('./server.js').Who} Who */
/** @typedef {import('centrifuge').PublicationContext} Publication */
/** @typedef {{ status: string, epoch: string, offset: number, lane: string, credit: number }} Stored */

/** What the server says of a message that it did not take now; the SDK sees an answer like any other. */
export class Later extends Error {
  /** @param {number} retryAfterMs */
  constructor(retryAfterMs) {
    super(`to be sent again after ${retryAfterMs} ms`);
    this.code = 111;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Tests come back at once; people's devices spread themselves. */
const PROMPT = { minReconnectDelay: 20, maxReconnectDelay: 100 };

/**
 * An SDK client that is not connected yet, and is gone when the test is over.
 *
 * @param {TestContext} t
 * @param {{ endpoint: string }} where a server, or what stands before it
 * @param {Partial<import('centrifuge').Options>} options
 */
export function client(t, where, options) {
  const made = sdkClient(where.endpoint, { websocket: WebSocket, ...PROMPT, ...options });
  t.after(() => made.disconnect());
  return made;
}

/**
 * A member who is connected.
 *
 * @param {TestContext} t
 * @param {Server} server
 * @param {Who} who
 * @param {{ through?: { endpoint: string } }} [way]
 */
export async function member(t, server, who, { through = server } = {}) {
  const made = client(t, through, { token: await server.token(who) });
  const connected = event(made, 'connected');
  made.connect();
  await connected;
  return made;
}

/**
 * A subscription that stands, with everything that comes through it.
 *
 * @param {import('centrifuge').Centrifuge} reader
 * @param {string} channel
 * @param {import('centrifuge').SubscriptionOptions} [options]
 */
export async function reading(reader, channel, options) {
  const sub = reader.newSubscription(channel, options);
  const publications = new Gathered();
  sub.on('publication', (publication) => publications.add(publication));
  const subscribed = event(sub, 'subscribed');
  sub.subscribe();
  const state = await subscribed;
  return { sub, state, publications: /** @type {Gathered<Publication>} */ (publications) };
}

/**
 * How a subscription is refused.
 *
 * @param {import('centrifuge').Centrifuge} reader
 * @param {string} channel
 * @returns {Promise<number>} the error code
 */
export async function refusal(reader, channel) {
  const sub = reader.newSubscription(channel);
  const refused = event(sub, 'unsubscribed');
  sub.subscribe();
  return (await refused).code;
}

/**
 * Publishes with an answer; fails with {@link Later} if that says that nothing was stored.
 *
 * @param {import('centrifuge').Centrifuge} sender
 * @param {{ channel: string, data: unknown, idempotency_key?: string }} message
 * @returns {Promise<Stored>}
 */
export async function say(sender, message) {
  const { data } = await sender.rpc('publish', message);
  if (data.status === 'later') throw new Later(data.retry_after_ms);
  return data;
}

/**
 * Publishes `{n}` for each number from `first` to `last`, in order, without waiting for one to send the next.
 *
 * @param {import('centrifuge').Centrifuge} sender
 * @param {string} channel
 * @param {number} first
 * @param {number} last
 * @param {object} [more] what each message holds besides
 * @returns {Promise<Stored[]>}
 */
export async function sayNumbers(sender, channel, first, last, more = {}) {
  const window = 60;
  /** @type {Stored[]} */
  const stored = [];
  for (let from = first; from <= last; from += window) {
    const numbers = Array.from({ length: Math.min(window, last - from + 1) }, (_, i) => from + i);
    stored.push(...(await Promise.all(numbers.map((n) => say(sender, { channel, data: { n, ...more } })))));
  }
  return stored;
}

/**
 * The numbers that publications hold.
 *
 * @param {Publication[]} publications
 * @returns {number[]}
 */
export const numbers = (publications) => publications.map(({ data }) => data.n);

/**
 * All numbers from `first` to `last`.
 *
 * @param {number} first
 * @param {number} last
 */
export const range = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
