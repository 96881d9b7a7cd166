// @ts-check
// Subscriptions: their beginning, their end, and how many there may be.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { Gathered } from './support/gathered.js';
import { client, member, range, reading, refusal, say } from './support/member.js';
import { RawSocket } from './support/raw_socket.js';
import { serving } from './support/server.js';

describe('a subscription', () => {
  const server = serving();

  it('begins at the top, and says where that is', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['top'] });
    await sender.publish('teams:top', 'before');
    const { state, publications } = await reading(sender, 'teams:top');
    assert.equal(state.streamPosition?.offset, 1);
    assert.deepEqual(state.data, { top: 1 });
    assert.deepEqual(
      { recoverable: state.recoverable, positioned: state.positioned, wasRecovering: state.wasRecovering },
      { recoverable: true, positioned: true, wasRecovering: false },
    );
    await sender.publish('teams:top', 'after');
    assert.deepEqual((await publications.atLeast(1)).map(({ data }) => data), ['after']);
  });

  it('that was ended gets nothing more', async (t) => {
    const who = { sub: 'm_1', teams: ['ended', 'kept'] };
    const reader = await member(t, server, who);
    const ended = await reading(reader, 'teams:ended');
    const kept = await reading(reader, 'teams:kept');
    await reader.publish('teams:ended', 'before');
    await ended.publications.atLeast(1);
    ended.sub.unsubscribe();
    for (const data of ['after', 'after that']) {
      await reader.publish('teams:ended', data);
      await reader.publish('teams:kept', data);
    }
    await kept.publications.atLeast(2);
    assert.deepEqual(ended.publications.items.map(({ data }) => data), ['before']);
  });

  it('that was ended is not pushed to by the server', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['quiet', 'loud'] });
    await socket.ask({ id: 2, subscribe: { channel: 'teams:quiet' } });
    await socket.ask({ id: 3, subscribe: { channel: 'teams:loud' } });
    await socket.ask({ id: 4, unsubscribe: { channel: 'teams:quiet' } });
    for (const id of [5, 7]) {
      await socket.ask({ id, publish: { channel: 'teams:quiet', data: 'nobody' } });
      await socket.ask({ id: id + 1, publish: { channel: 'teams:loud', data: 'somebody' } });
    }
    await socket.pushed('teams:loud', 2);
    assert.deepEqual(await socket.pushed('teams:quiet', 0), []);
  });

  it('can be taken up again, and goes on from where it ended', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', teams: ['resumed'] });
    const { sub, publications } = await reading(reader, 'teams:resumed');
    await say(reader, { channel: 'teams:resumed', data: 'one' });
    await publications.atLeast(1);
    sub.unsubscribe();
    await say(reader, { channel: 'teams:resumed', data: 'two' });
    const subscribed = event(sub, 'subscribed');
    sub.subscribe();
    assert.equal((await subscribed).recovered, true);
    assert.deepEqual((await publications.atLeast(2)).map(({ data }) => data), ['one', 'two']);
  });

  it('is one of 128 that a connection may have, service:status among them; one more gets 106', async (t) => {
    const teams = range(1, 128).map((n) => `t${n}`);
    const reader = await member(t, server, { sub: 'm_1', teams });
    const all = teams.slice(0, 127).map((team) => reader.newSubscription(`teams:${team}`));
    const subscribed = all.map((sub) => event(sub, 'subscribed'));
    for (const sub of all) sub.subscribe();
    await Promise.all(subscribed);
    assert.equal(await refusal(reader, 'teams:t128'), 106);
  });

  it('makes room for another when it ends', async (t) => {
    const teams = range(1, 128).map((n) => `u${n}`);
    const reader = await member(t, server, { sub: 'm_1', teams });
    const first = await reading(reader, 'teams:u1');
    await Promise.all(teams.slice(1, 127).map((team) => reading(reader, `teams:${team}`)));
    first.sub.unsubscribe();
    await reading(reader, 'teams:u128');
  });
});

describe('a server-side subscription', () => {
  const server = serving();

  it('stands when the connection does, and its publications come through the client', async (t) => {
    const channels = ['teams:listed'];
    const reader = client(t, server, { token: await server.token({ sub: 'm_1', channels }) });
    /** @type {Gathered<import('centrifuge').ServerSubscribedContext>} */
    const subscribed = new Gathered();
    /** @type {Gathered<import('centrifuge').PublicationContext>} */
    const publications = new Gathered();
    reader.on('subscribed', (state) => subscribed.add(state));
    reader.on('publication', (publication) => publications.add(publication));
    reader.connect();
    await subscribed.atLeast(2);
    assert.deepEqual(subscribed.items.map(({ channel }) => channel).toSorted(), ['service:status', 'teams:listed']);
    const sender = await member(t, server, { sub: 'm_2', teams: ['listed'] });
    await sender.publish('teams:listed', { text: 'hello' });
    const ours = (/** @type {{ channel: string }} */ { channel }) => channel === 'teams:listed';
    const seen = await publications.until((all) => all.some(ours), 'a publication of the team');
    const publication = seen.find(ours);
    assert.deepEqual([publication?.data, publication?.offset, publication?.info?.user], [{ text: 'hello' }, 1, 'm_2']);
  });

  it('cannot be made again by the client', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', channels: ['teams:listed'] });
    assert.equal(await refusal(reader, 'teams:listed'), 105);
  });

  it('gives the right to read, not to post', async (t) => {
    const reader = await member(t, server, { sub: 'm_1', channels: ['teams:listed'] });
    await assert.rejects(reader.publish('teams:listed', 1), { code: 103 });
    assert.ok(await reader.history('teams:listed', { limit: 0 }));
  });

  it('is passed over if the campaign has no such channel', async (t) => {
    const reader = client(t, server, { token: await server.token({ sub: 'm_1', channels: ['nowhere', 'teams:listed'] }) });
    /** @type {Gathered<string>} */
    const channels = new Gathered();
    reader.on('subscribed', ({ channel }) => channels.add(channel));
    const connected = event(reader, 'connected');
    reader.connect();
    await connected;
    await channels.atLeast(2);
    assert.deepEqual(channels.items.toSorted(), ['service:status', 'teams:listed']);
  });
});
