// @ts-check
// The process is killed in the middle of its work: whatever was answered is there, once and in order, and everybody
// goes on by themselves.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { Gathered } from './support/gathered.js';
import { member, numbers, range, reading, say, sayNumbers } from './support/member.js';
import { Outbox } from './support/outbox.js';
import { serving } from './support/server.js';

/** @typedef {import('centrifuge').PublicationContext} Publication */

const KEYS = range(1, 600).map((n) => `key-${n}`);
/** Kills come after so many answers, with a load on the way. */
const KILLS = [100, 250, 400];
const WIDTH = 32;

/**
 * All pages of a history.
 *
 * @param {import('centrifuge').Centrifuge} reader
 * @param {string} channel
 */
async function wholeHistory(reader, channel) {
  const { epoch, offset: top } = await reader.history(channel, { limit: 0 });
  /** @type {Publication[]} */
  const all = [];
  for (let offset = 0; offset < top; ) {
    const { publications } = await reader.history(channel, { limit: 300, since: { offset, epoch } });
    all.push(...publications);
    offset = publications.at(-1)?.offset ?? top;
  }
  return all;
}

const place = (/** @type {Publication} */ { data, offset }) => [data.key, offset];
const keys = (/** @type {Publication[]} */ publications) => publications.map(({ data }) => data.key);
const offsets = (/** @type {Publication[]} */ publications) => publications.map(({ offset }) => offset);

describe('a server that is killed and started again', () => {
  const server = serving();

  it('lost nothing that it answered, repeats nothing, and keeps the order', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['load'] });
    const reader = await member(t, server, { sub: 'm_2', teams: ['load'] });
    const { publications } = await reading(reader, 'teams:load');
    const outbox = new Outbox(sender, 'teams:load');
    const delivered = outbox.deliver(KEYS, WIDTH);
    for (const count of KILLS) {
      await outbox.answered.atLeast(count);
      const lost = event(reader, 'connecting');
      await server.end('SIGKILL');
      await lost;
      await server.start();
    }
    await delivered;

    const seen = await publications.atLeast(KEYS.length);
    assert.deepEqual(offsets(seen), range(1, KEYS.length), 'each offset once and in order');
    assert.deepEqual(keys(seen).toSorted(), KEYS.toSorted(), 'each key once');
    assert.ok(outbox.unanswered > 0, 'kills came while something was on the way');

    const kept = await wholeHistory(reader, 'teams:load');
    assert.deepEqual(kept.map(place), seen.map(place));
    const answers = outbox.answered.items.map(({ key, offset }) => [key, offset]);
    const byOffset = (/** @type {any[]} */ one, /** @type {any[]} */ other) => one[1] - other[1];
    assert.deepEqual(answers.toSorted(byOffset), seen.map(place), 'each is where its answer said');
  });

  it('has what it answered last, at the place that it answered', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['last'] });
    for (const n of range(1, 5)) {
      const { epoch, offset } = await say(sender, { channel: 'teams:last', data: n });
      const lost = event(sender, 'connecting');
      await server.end('SIGKILL');
      await lost;
      await server.start();
      await sender.ready(10_000);
      const since = { epoch, offset: offset - 1 };
      const { publications } = await sender.history('teams:last', { limit: 10, since });
      assert.deepEqual(publications.map((publication) => [publication.data, publication.offset]), [[n, offset]]);
    }
  });

  it('goes on from a position that an app kept from before', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['kept'] });
    const stored = await sayNumbers(reader, 'teams:kept', 1, 5);
    const lost = event(reader, 'connecting');
    await server.end('SIGKILL');
    await lost;
    await server.start();
    await sayNumbers(reader, 'teams:kept', 6, 8);
    const { state, publications } = await reading(reader, 'teams:kept', { since: stored[2] ?? null });
    assert.equal(state.recovered, true);
    assert.deepEqual(numbers(await publications.atLeast(5)), range(4, 8));
  });

  it('goes on with server-side subscriptions', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['listed'] });
    const reader = await member(t, server, { sub: 'm_2', channels: ['teams:listed'] });
    /** @type {Gathered<Publication>} */
    const publications = new Gathered();
    reader.on('publication', (publication) => {
      if (publication.channel === 'teams:listed') publications.add(publication);
    });
    for (const n of range(1, 3)) {
      await sayNumbers(sender, 'teams:listed', 2 * n - 1, 2 * n - 1);
      await publications.atLeast(2 * n - 1);
      const lost = Promise.all([event(reader, 'connecting'), event(sender, 'connecting')]);
      await server.end('SIGKILL');
      await lost;
      await server.start();
      await sender.ready(10_000);
      await sayNumbers(sender, 'teams:listed', 2 * n, 2 * n);
    }
    assert.deepEqual(numbers(await publications.atLeast(6)), range(1, 6));
  });
});
