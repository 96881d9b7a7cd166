// @ts-check
// A reader that stops reading holds nobody up and loses nothing: what does not fit in memory comes from the log.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEADLINE_MS } from './support/deadline.js';
import { member, numbers, range, reading, sayNumbers } from './support/member.js';
import { RawSocket } from './support/raw_socket.js';
import { serving } from './support/server.js';

const CHANNEL = 'teams:slow';
const COUNT = 1_500;
/** Together several times what rings, sockets and kernels hold for one reader here. */
const TEXT = 'x'.repeat(8_000);

describe('a reader that stops reading', () => {
  const server = serving(['--ring-bytes', String(1_024 * 1_024)]);

  it('gets everything in order when it reads again, and others got it before', async (t) => {
    const who = { sub: 'm_1', teams: ['slow'] };
    const socket = await RawSocket.identified(t, server, who);
    await socket.ask({ id: 2, subscribe: { channel: CHANNEL } });
    socket.pause();
    const { publications } = await reading(await member(t, server, who), CHANNEL);
    // Two senders, because one connection may not say so much at once.
    await sayNumbers(await member(t, server, who), CHANNEL, 1, COUNT / 2, { text: TEXT });
    await sayNumbers(await member(t, server, who), CHANNEL, COUNT / 2 + 1, COUNT, { text: TEXT });
    assert.deepEqual(numbers(await publications.atLeast(COUNT)), range(1, COUNT));

    assert.ok((await socket.pushed(CHANNEL, 0)).length < COUNT, 'it had not read all of it');
    socket.resume();
    const pushes = await socket.pushed(CHANNEL, COUNT, 2 * DEADLINE_MS);
    assert.deepEqual(numbers(pushes.map((text) => JSON.parse(text).push.pub)), range(1, COUNT));
  });
});
