// @ts-check
// Subscriptions that stand on a token of their own, which gives the right to read one channel until it ends.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { Gathered } from './support/gathered.js';
import { client, member, reading, refusal, say } from './support/member.js';
import { minted, secondsAgo } from './support/minted_token.js';
import { serving } from './support/server.js';

/** Whom subscription tokens are for. */
const AUDIENCE = 'holdfast:subscription';

describe('a subscription with a token of its own', () => {
  const server = serving();

  it('reads what its member may not read otherwise, and only reads', async (t) => {
    const reader = await member(t, server, { sub: 'm_1' });
    assert.equal(await refusal(reader, 'teams:press'), 103);
    const token = await server.token({ sub: 'm_1', subscribe: 'teams:granted' });
    const { publications } = await reading(reader, 'teams:granted', { token });
    const sender = await member(t, server, { sub: 'm_2', teams: ['granted'] });
    await say(sender, { channel: 'teams:granted', data: 'hello' });
    assert.equal((await publications.atLeast(1))[0]?.data, 'hello');
    assert.equal((await reader.history('teams:granted', { limit: 1 })).publications[0]?.data, 'hello');
    await assert.rejects(reader.publish('teams:granted', 1), { code: 103 });
  });

  it('lives across the ends of several tokens, without an interruption', async (t) => {
    const reader = await member(t, server, { sub: 'm_1' });
    const lives = ['1s', '1s', '1s', '1h'];
    const asked = new Gathered();
    const getToken = async () => {
      const ttl = lives.shift();
      if (ttl === undefined) throw new Error('a token that lives an hour is renewed');
      asked.add(ttl);
      return server.token({ sub: 'm_1', subscribe: 'teams:renewed', ttl });
    };
    const { sub, publications } = await reading(reader, 'teams:renewed', { getToken });
    const interruptions = new Gathered();
    sub.on('subscribing', (why) => interruptions.add(why));
    sub.on('unsubscribed', (why) => interruptions.add(why));
    sub.on('error', (why) => interruptions.add(why));
    // Each is asked for only if the renewal with the one before was answered.
    await asked.atLeast(4);
    const sender = await member(t, server, { sub: 'm_2', teams: ['renewed'] });
    await say(sender, { channel: 'teams:renewed', data: 'still here' });
    assert.equal((await publications.atLeast(1))[0]?.data, 'still here');
    assert.deepEqual(interruptions.items, []);
  });

  it('ends when its renewal is refused, and the connection stays', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['mine'] });
    const given = [await server.token({ sub: 'm_1', subscribe: 'teams:ended', ttl: '1s' }), 'nonsense'];
    const { sub } = await reading(reader, 'teams:ended', { getToken: async () => given.shift() ?? '' });
    assert.equal((await event(sub, 'unsubscribed')).code, 103);
    assert.equal(reader.state, 'connected');
    const { publications } = await reading(reader, 'teams:mine');
    await say(reader, { channel: 'teams:mine', data: 'still here' });
    assert.equal((await publications.atLeast(1))[0]?.data, 'still here');
  });

  it('ends when it is renewed with a token whose time is over', async (t) => {
    const reader = await member(t, server, { sub: 'm_1' });
    const over = await minted(server, {
      aud: AUDIENCE,
      channel: 'teams:late',
      nbf: secondsAgo(120),
      exp: secondsAgo(60),
      roles: undefined,
    });
    const given = [await server.token({ sub: 'm_1', subscribe: 'teams:late', ttl: '1s' }), over];
    const { sub } = await reading(reader, 'teams:late', { getToken: async () => given.shift() ?? '' });
    assert.equal((await event(sub, 'unsubscribed')).code, 109);
  });

  it('that begins with a token whose time is over gets another, and stands', async (t) => {
    const reader = await member(t, server, { sub: 'm_1' });
    const over = await minted(server, {
      aud: AUDIENCE,
      channel: 'teams:old',
      nbf: secondsAgo(120),
      exp: secondsAgo(60),
      roles: undefined,
    });
    let gets = 0;
    const getToken = async () => {
      gets += 1;
      return server.token({ sub: 'm_1', subscribe: 'teams:old' });
    };
    const { state } = await reading(reader, 'teams:old', { token: over, getToken });
    assert.equal(state.channel, 'teams:old');
    assert.equal(gets, 1);
  });

  it('is refused with 103 if the token is none, or an access token', async (t) => {
    const access = await server.token({ sub: 'm_1', channels: ['teams:press'] });
    for (const token of ['nonsense', access]) {
      const reader = await member(t, server, { sub: 'm_1', teams: ['press'] });
      const sub = reader.newSubscription('teams:press', { token });
      const refused = event(sub, 'unsubscribed');
      sub.subscribe();
      assert.equal((await refused).code, 103);
      assert.equal(reader.state, 'connected');
    }
  });

  for (const [what, who] of Object.entries({
    'of somebody else': { sub: 'm_2', subscribe: 'teams:press' },
    'for another channel': { sub: 'm_1', subscribe: 'teams:other' },
  })) {
    it(`with a token ${what} ends the connection for good with 3500`, async (t) => {
      const reader = await member(t, server, { sub: 'm_1' });
      const disconnected = event(reader, 'disconnected');
      reader.newSubscription('teams:press', { token: await server.token(who) }).subscribe();
      assert.equal((await disconnected).code, 3500);
    });
  }

  it('is no way in: a subscription token connects nobody', async (t) => {
    const reader = client(t, server, { token: await server.token({ sub: 'm_1', subscribe: 'teams:press' }) });
    const disconnected = event(reader, 'disconnected');
    reader.connect();
    assert.equal((await disconnected).code, 3500);
  });

  it('outlives a renewal of the connection’s token that allows less', async (t) => {
    const fewer = await server.token({ sub: 'm_1' });
    const reader = client(t, server, {
      token: await server.token({ sub: 'm_1', teams: ['own', 'granted'], ttl: '1s' }),
      getToken: async () => fewer,
    });
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    const token = await server.token({ sub: 'm_1', subscribe: 'teams:granted' });
    const granted = await reading(reader, 'teams:granted', { getToken: async () => token });
    const own = await reading(reader, 'teams:own');
    assert.equal((await event(own.sub, 'unsubscribed')).code, 2000);
    const sender = await member(t, server, { sub: 'm_2', teams: ['granted'] });
    await say(sender, { channel: 'teams:granted', data: 'still here' });
    assert.equal((await granted.publications.until((all) => all.some(({ data }) => data === 'still here'), 'it')).length, 1);
  });
});
