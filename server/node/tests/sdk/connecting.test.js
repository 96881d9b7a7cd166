// @ts-check
// Who gets in, and who stays: tokens, their end, and their renewal.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { client, member, reading, refusal, say } from './support/member.js';
import { minted, secondsAgo } from './support/minted_token.js';
import { RawSocket } from './support/raw_socket.js';
import { Server, serving } from './support/server.js';

describe('connecting', () => {
  const server = serving();

  it('gives a client with a token an id', async (t) => {
    const reader = client(t, server, { token: await server.token({ sub: 'm_1' }) });
    const connected = event(reader, 'connected');
    reader.connect();
    const { client: id, transport } = await connected;
    assert.equal(typeof id, 'string');
    assert.notEqual(id, '');
    assert.equal(transport, 'websocket');
  });

  it('gives each connection of a member another id', async (t) => {
    const ids = [];
    for (const _ of [1, 2]) {
      const reader = client(t, server, { token: await server.token({ sub: 'm_1' }) });
      const connected = event(reader, 'connected');
      reader.connect();
      ids.push((await connected).client);
    }
    assert.notEqual(ids[0], ids[1]);
  });

  it('says how often it pings, wants pongs, and tells when the token ends', async (t) => {
    const socket = await RawSocket.open(t, server);
    const token = await server.token({ sub: 'm_1', ttl: '1h' });
    const { connect } = await socket.ask({ id: 1, connect: { token } });
    assert.deepEqual({ ping: connect.ping, pong: connect.pong, expires: connect.expires }, { ping: 25, pong: true, expires: true });
    assert.ok(connect.ttl > 3_500 && connect.ttl <= 3_600, `ttl ${connect.ttl}`);
    assert.match(connect.version, /^holdfast /);
    assert.deepEqual(Object.keys(connect.subs), ['service:status']);
  });

  it('keeps what a client asked for before it was connected', async (t) => {
    const reader = client(t, server, { token: await server.token({ sub: 'm_1' }) });
    const sub = reader.newSubscription('bulletins:all');
    const subscribed = event(sub, 'subscribed');
    sub.subscribe();
    reader.connect();
    assert.equal((await subscribed).recoverable, true);
  });
});

describe('a token that is not valid', () => {
  const server = serving();

  /**
   * @param {import('node:test').TestContext} t
   * @param {string} token
   */
  async function refused(t, token) {
    let gets = 0;
    const getToken = async () => {
      gets += 1;
      return token;
    };
    const reader = client(t, server, { token, getToken });
    const disconnected = event(reader, 'disconnected');
    reader.connect();
    const { code } = await disconnected;
    assert.equal(reader.state, 'disconnected');
    assert.equal(gets, 0, 'no other token is asked for');
    return code;
  }

  it('ends the connection for good with 3500 if it is no token', async (t) => {
    assert.equal(await refused(t, 'nonsense'), 3500);
  });

  it('ends it with 3500 if it was signed with keys of another deployment', async (t) => {
    const other = new Server();
    await other.start();
    t.after(() => other.remove());
    assert.equal(await refused(t, await other.token({ sub: 'm_1' })), 3500);
  });

  it('ends it with 3500 if a letter of its claims was changed', async (t) => {
    const [header, claims, signature] = (await server.token({ sub: 'm_1' })).split('.');
    const changed = Buffer.from(String(claims), 'base64url').toString().replace('m_1', 'm_2');
    const token = [header, Buffer.from(changed).toString('base64url'), signature].join('.');
    assert.equal(await refused(t, token), 3500);
  });

  it('ends it with 3500 if it is not signed', async (t) => {
    const [, claims] = (await server.token({ sub: 'm_1' })).split('.');
    const header = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
    assert.equal(await refused(t, `${header}.${claims}.`), 3500);
  });

  for (const [what, claims] of Object.entries({
    'for somebody else': { aud: 'other' },
    'from somebody else': { iss: 'other' },
    'not valid yet': { nbf: secondsAgo(-60) },
    'without an end': { exp: undefined },
    'without a start': { nbf: undefined },
    'about nobody': { sub: '' },
    'about somebody with a name that no member has': { sub: 'm 1' },
  })) {
    it(`ends it with 3500 if it is ${what}`, async (t) => {
      assert.equal(await refused(t, await minted(server, claims)), 3500);
    });
  }

  it('ends it with 3501 if there is none at all', async (t) => {
    const reader = client(t, server, {});
    const disconnected = event(reader, 'disconnected');
    reader.connect();
    assert.equal((await disconnected).code, 3501);
  });
});

describe('a token whose time is over', () => {
  const server = serving();

  it('makes the SDK get another, and connects with that', async (t) => {
    const expired = await minted(server, { exp: secondsAgo(60), nbf: secondsAgo(120) });
    const fresh = await server.token({ sub: 'm_1' });
    let gets = 0;
    const getToken = async () => {
      gets += 1;
      return fresh;
    };
    const reader = client(t, server, { token: expired, getToken });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    assert.equal(gets, 1);
  });

  it('is renewed before it ends, and the connection stays', async (t) => {
    const names = { sub: 'm_1', teams: ['renewed'] };
    const fresh = await server.token(names);
    /** @type {() => void} */
    let got = () => {};
    const asked = new Promise((resolve) => (got = () => resolve(undefined)));
    const renewing = client(t, server, {
      token: await server.token({ ...names, ttl: '2s' }),
      getToken: async () => {
        got();
        return fresh;
      },
    });
    const connected = event(renewing, 'connected');
    renewing.connect();
    await connected;
    let wasInterrupted = false;
    renewing.on('connecting', () => (wasInterrupted = true));
    renewing.on('disconnected', () => (wasInterrupted = true));
    const { publications } = await reading(renewing, 'teams:renewed');
    await asked;
    await say(renewing, { channel: 'teams:renewed', data: 'still here' });
    const [publication] = await publications.atLeast(1);
    assert.equal(publication?.data, 'still here');
    assert.equal(wasInterrupted, false);
  });

  it('cannot be renewed with the token of somebody else', async (t) => {
    const other = await server.token({ sub: 'm_2' });
    const reader = client(t, server, {
      token: await server.token({ sub: 'm_1', ttl: '1s' }),
      getToken: async () => other,
    });
    const disconnected = event(reader, 'disconnected');
    reader.connect();
    assert.equal((await disconnected).code, 3500);
  });

  it('takes with it what its successor may no longer read', async (t) => {
    const fresh = await server.token({ sub: 'm_1' });
    const reader = client(t, server, {
      token: await server.token({ sub: 'm_1', teams: ['left'], ttl: '1s' }),
      getToken: async () => fresh,
    });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    const { sub } = await reading(reader, 'teams:left');
    const { code } = await event(sub, 'unsubscribed');
    assert.equal(code, 2000);
    assert.equal(await refusal(await member(t, server, { sub: 'm_1' }), 'teams:left'), 103);
  });
});
