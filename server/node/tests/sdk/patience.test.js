// @ts-check
// How long the server waits for a word. These take what they take, so they wait side by side.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import WebSocket from 'ws';
import { event } from './support/deadline.js';
import { Gathered } from './support/gathered.js';
import { client } from './support/member.js';
import { RawSocket } from './support/raw_socket.js';
import { serving } from './support/server.js';

/** The first ping comes in the second half of an interval of 25 s; a pong may take 8 s. */
const PING_MS = 25_000 + 1_000;
const PONG_MS = 8_000 + 1_000;
/** A connection outlives its token by 25 s, and so does a subscription. */
const GRACE_MS = 26_000 + 1_000;

describe('a silent client', { concurrency: true }, () => {
  const server = serving();

  it('that does not say who it is within 10 s is closed with 3502', async (t) => {
    const socket = await RawSocket.open(t, server);
    assert.equal((await socket.closed(11_000))?.code, 3502);
  });

  it('is pinged, and stays when the SDK answers', async (t) => {
    const frames = new Gathered();
    class Observed extends WebSocket {
      /** @param {string} url */
      constructor(url) {
        super(url);
        this.on('message', (bytes) => frames.add(bytes.toString()));
      }
    }
    const reader = client(t, server, { token: await server.token({ sub: 'm_1' }), websocket: Observed });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    await frames.until((all) => all.includes('{}'), 'a ping', PING_MS);
    // The answer comes after the pong on the same connection: the pong was taken.
    assert.ok(await reader.history('bulletins:all', { limit: 0 }));
    assert.equal(reader.state, 'connected');
  });

  it('that does not answer a ping within 8 s is closed with 3012', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1' });
    await socket.texts.until((texts) => texts.includes('{}'), 'a ping', PING_MS);
    assert.equal((await socket.closed(PONG_MS))?.code, 3012);
  });

  it('whose token ended 25 s ago without a newer one is closed with 3005', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1', ttl: '1s' });
    await socket.texts.until((texts) => texts.includes('{}'), 'a ping', PING_MS);
    socket.text('{}');
    assert.equal((await socket.closed(GRACE_MS))?.code, 3005);
  });

  it('whose subscription stands on a token that ended 25 s ago loses it with 2501, and stays connected', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['kept'] });
    const token = await server.token({ sub: 'm_1', subscribe: 'teams:press', ttl: '1s' });
    const { subscribe } = await socket.ask({ id: 2, subscribe: { channel: 'teams:press', token } });
    assert.deepEqual({ expires: subscribe.expires, ttl: subscribe.ttl }, { expires: true, ttl: 1 });
    const pinged = socket.texts.until((texts) => texts.includes('{}'), 'a ping', PING_MS).then(() => socket.text('{}'));
    const isEnd = (/** @type {string} */ text) => text.includes('unsubscribe');
    const texts = await socket.texts.until((all) => all.some(isEnd), 'the end of the subscription', GRACE_MS);
    assert.deepEqual(JSON.parse(texts.find(isEnd) ?? '').push, {
      channel: 'teams:press',
      unsubscribe: { code: 2501, reason: 'subscription expired' },
    });
    await pinged;
    assert.ok((await socket.ask({ id: 3, subscribe: { channel: 'teams:kept' } })).subscribe);
  });
});
