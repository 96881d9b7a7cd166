// @ts-check
// The process is asked to stop: it finishes what it accepted, says goodbye, and its clients come back by themselves.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { member, range, reading } from './support/member.js';
import { Outbox } from './support/outbox.js';
import { upgrade } from './support/raw_socket.js';
import { serving } from './support/server.js';

describe('a server that is asked to stop', () => {
  const server = serving();

  it('tells its clients with 3001, and they are back when it is', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['back'] });
    const { publications } = await reading(reader, 'teams:back');
    await reader.publish('teams:back', 'before');
    await publications.atLeast(1);
    const connecting = event(reader, 'connecting');
    const ended = server.end('SIGTERM');
    assert.equal((await connecting).code, 3001);
    assert.deepEqual(await ended, { code: 0, signal: null });
    const connected = event(reader, 'connected');
    await server.start();
    await connected;
    await reader.publish('teams:back', 'after');
    const seen = await publications.atLeast(2);
    assert.deepEqual(seen.map(({ data, offset }) => [data, offset]), [['before', 1], ['after', 2]]);
  });

  it('answers or stores once what was on the way', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['way'] });
    const reader = await member(t, server, { sub: 'm_2', teams: ['way'] });
    const { publications } = await reading(reader, 'teams:way');
    const outbox = new Outbox(sender, 'teams:way');
    const keys = range(1, 300).map((n) => `key-${n}`);
    const delivered = outbox.deliver(keys, 32);
    await outbox.answered.atLeast(100);
    assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
    await server.start();
    await delivered;
    const seen = await publications.atLeast(keys.length);
    assert.deepEqual(seen.map(({ offset }) => offset), range(1, keys.length));
    assert.deepEqual(seen.map(({ data }) => data.key).toSorted(), keys.toSorted());
  });

  it('stops soon although somebody never identified themselves', async () => {
    const { socket } = await upgrade(server);
    assert.deepEqual(await server.end('SIGTERM'), { code: 0, signal: null });
    assert.equal((await socket?.closed())?.code, 3001);
    await server.start();
  });
});
