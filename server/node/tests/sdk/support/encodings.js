// @ts-check
// The SDK in the encoding of this run: `SDK_ENCODING=protobuf` for Protobuf, else JSON. In Protobuf the SDK takes and
// gives bytes; ours are JSON text, which this turns into values at the SDK's own public methods and events.

import { Centrifuge } from 'centrifuge';
import { Centrifuge as BinaryCentrifuge } from 'centrifuge/build/protobuf';

/** The encoding of this run. */
export const ENCODING = process.env.SDK_ENCODING === 'protobuf' ? 'protobuf' : 'json';

/** @param {unknown} value */
const encode = (value) => new TextEncoder().encode(JSON.stringify(value));

/** @param {unknown} data */
const decode = (data) =>
  data instanceof Uint8Array && data.length > 0 ? JSON.parse(new TextDecoder().decode(data)) : data;

/**
 * What an event or an answer tells, with its data as values.
 *
 * @param {any} told
 * @returns {any}
 */
function decoded(told) {
  if (told === null || typeof told !== 'object') return told;
  if (Array.isArray(told.publications)) return { ...told, publications: told.publications.map(decoded) };
  return 'data' in told ? { ...told, data: decode(told.data) } : told;
}

/**
 * Lets an SDK object speak in values.
 *
 * @template {object} T
 * @param {T} object
 * @param {Record<string, (...values: any[]) => any[]>} encoders by method, what becomes of its arguments
 * @returns {T}
 */
function inValues(object, encoders) {
  const any = /** @type {any} */ (object);
  const emit = any.emit.bind(any);
  any.emit = (/** @type {string} */ name, /** @type {any[]} */ ...told) => emit(name, ...told.map(decoded));
  for (const [method, encoder] of Object.entries(encoders)) {
    const call = any[method].bind(any);
    any[method] = async (/** @type {any[]} */ ...values) => decoded(await call(...encoder(...values)));
  }
  return object;
}

/** @param {any[]} values */
const asTheyAre = (...values) => values;

/**
 * An SDK client in the encoding of this run.
 *
 * @param {string} endpoint
 * @param {Partial<import('centrifuge').Options>} options
 * @returns {Centrifuge}
 */
export function sdkClient(endpoint, options) {
  if (ENCODING === 'json') return new Centrifuge(endpoint, options);
  const client = new BinaryCentrifuge(endpoint, options);
  inValues(client, {
    history: asTheyAre,
    publish: (channel, data) => [channel, encode(data)],
    rpc: (method, data) => [method, encode(data)],
  });
  const newSubscription = client.newSubscription.bind(client);
  client.newSubscription = (channel, options) =>
    inValues(newSubscription(channel, options), {
      history: asTheyAre,
      publish: (data) => [encode(data)],
    });
  return /** @type {Centrifuge} */ (/** @type {unknown} */ (client));
}
