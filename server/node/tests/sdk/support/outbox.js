// @ts-check
// What an app's outbox does: a message leaves it when it was answered, and is sent again, with the same key, until
// then.

import { Gathered } from './gathered.js';
import { say } from './member.js';

/** Codes of the SDK itself, all below 100: nobody answered. 100 and 111 are the server's "not now". */
const isUnanswered = (/** @type {{ code: number }} */ error) => error.code <= 100 || error.code === 111;

export class Outbox {
  /** @type {Gathered<{ key: string, epoch: string, offset: number, status: string }>} */
  answered = new Gathered();
  /** How many sends were not answered. */
  unanswered = 0;
  #client;
  #channel;

  /**
   * @param {import('centrifuge').Centrifuge} client
   * @param {string} channel
   */
  constructor(client, channel) {
    this.#client = client;
    this.#channel = channel;
  }

  /**
   * Sends all of these, `width` at a time, until all are answered.
   *
   * @param {string[]} keys
   * @param {number} width
   */
  async deliver(keys, width) {
    const left = keys.values();
    const lane = async () => {
      for (const key of left) await this.#deliverOne(key);
    };
    await Promise.all(Array.from({ length: width }, lane));
  }

  /** @param {string} key */
  async #deliverOne(key) {
    for (;;) {
      await this.#client.ready(10_000);
      try {
        const message = { channel: this.#channel, idempotency_key: key, data: { key } };
        this.answered.add({ key, ...(await say(this.#client, message)) });
        return;
      } catch (error) {
        if (!isUnanswered(/** @type {{ code: number }} */ (error))) throw error;
        this.unanswered += 1;
      }
    }
  }
}
