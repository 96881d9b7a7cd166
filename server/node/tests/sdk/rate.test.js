// @ts-check
// How fast one connection may ask.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { member } from './support/member.js';
import { RawSocket } from './support/raw_socket.js';
import { serving } from './support/server.js';

/** How many requests are taken at once, how many commands a frame may have, and how many refusals are too many. */
const BURST = 1_000;
const FRAME = 256;
const REFUSALS = 1_000;

const ask = (/** @type {number} */ id) => JSON.stringify({ id, rpc: { method: 'none' } });

/** A frame of so many requests. */
const asking = (/** @type {number} */ first, /** @type {number} */ count) =>
  Array.from({ length: count }, (_, i) => ask(first + i)).join('\n');

describe('who asks fast', () => {
  const server = serving();

  it('is answered a burst, and then told to wait, in the order in which they asked', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1' });
    // More than the burst and all that comes back while it is used up, and less than ends the connection.
    const count = BURST + REFUSALS - FRAME;
    for (let first = 2; first < count + 2; first += FRAME) {
      socket.text(asking(first, Math.min(FRAME, count + 2 - first)));
    }
    await socket.reply(count + 1);
    const replies = socket.texts.items.map((text) => JSON.parse(text)).filter(({ id }) => id > 1);
    assert.deepEqual(replies.map(({ id }) => id), Array.from({ length: count }, (_, i) => i + 2));
    const codes = replies.map(({ error }) => error.code);
    assert.deepEqual(codes.slice(0, BURST), Array.from({ length: BURST }, () => 104));
    assert.deepEqual(replies.find(({ error }) => error.code === 111)?.error, {
      code: 111,
      message: 'too many requests',
      temporary: true,
    });
  });

  it('and goes on while they are told to wait is closed with 3013', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1' });
    let isClosed = false;
    // Frame by frame, so that nothing is on its way when the server closes: TCP would take the close back.
    for (let first = 2; !isClosed && first < 100 * FRAME; first += FRAME) {
      socket.text(asking(first, FRAME));
      isClosed = await socket.replyOrEnd(first + FRAME - 1);
    }
    assert.equal((await socket.closed())?.code, 3013);
    await socket.gone();
  });

  it('through the SDK comes back by themselves when they were told to wait', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['fast'] });
    const asked = Array.from({ length: BURST + FRAME }, () => sender.rpc('none', {}).catch(({ code }) => code));
    const sub = sender.newSubscription('teams:fast');
    const refused = event(sub, 'error');
    const subscribed = event(sub, 'subscribed');
    // Calls wait for this too, and are sent in their turn: the subscription is behind them.
    await sender.ready();
    sub.subscribe();
    assert.deepEqual([...new Set(await Promise.all(asked))].toSorted(), [104, 111]);
    assert.equal((await refused).error.code, 111);
    await subscribed;
    assert.equal(sender.state, 'connected');
  });
});
