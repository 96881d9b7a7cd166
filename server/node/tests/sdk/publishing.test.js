// @ts-check
// From one member to the others: what arrives, what is stored, and what a key makes of a repetition.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { client, member, numbers, range, reading, say, sayNumbers } from './support/member.js';
import { serving } from './support/server.js';

describe('a publication', () => {
  const server = serving();

  it('arrives with its data, its offset and who sent it', async (t) => {
    const sender = client(t, server, { token: await server.token({ sub: 'm_sender', teams: ['live'] }) });
    const connected = event(sender, 'connected');
    sender.connect();
    const { client: id } = await connected;
    const reader = await member(t, server, { sub: 'm_reader', teams: ['live'] });
    const { publications } = await reading(reader, 'teams:live');
    await sender.publish('teams:live', { text: 'hello' });
    const [publication] = await publications.atLeast(1);
    assert.equal(publication?.channel, 'teams:live');
    assert.equal(publication?.offset, 1);
    assert.deepEqual(publication?.data, { text: 'hello' });
    // In Protobuf the SDK adds fields that are empty.
    assert.equal(publication?.info?.user, 'm_sender');
    assert.equal(publication?.info?.client, id);
  });

  it('is answered with nothing by the protocol’s own publish', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['plain'] });
    assert.deepEqual(await sender.publish('teams:plain', 1), {});
  });

  it('is answered with its place by the rpc', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['answered'] });
    const { state } = await reading(sender, 'teams:answered');
    const first = await say(sender, { channel: 'teams:answered', idempotency_key: 'k1', data: 1 });
    const second = await say(sender, { channel: 'teams:answered', idempotency_key: 'k2', data: 2 });
    const { epoch } = state.streamPosition ?? {};
    assert.deepEqual(first, { status: 'ok', epoch, offset: 1, lane: 'normal', credit: 64 });
    assert.deepEqual(second, { ...first, offset: 2 });
  });

  it('reaches its own sender, who reads the channel', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['echo'] });
    const { publications } = await reading(sender, 'teams:echo');
    await sender.publish('teams:echo', 'me');
    const [publication] = await publications.atLeast(1);
    assert.equal(publication?.data, 'me');
  });

  it('reaches every connection of a member', async (t) => {
    const who = { sub: 'm_1', teams: ['devices'] };
    const devices = [await member(t, server, who), await member(t, server, who)];
    const screens = await Promise.all(devices.map((device) => reading(device, 'teams:devices')));
    await devices[0]?.publish('teams:devices', 'on both');
    for (const { publications } of screens) {
      assert.equal((await publications.atLeast(1))[0]?.data, 'on both');
    }
  });

  it('comes after the sender’s earlier ones, however fast they are sent', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['order'] });
    const { publications } = await reading(sender, 'teams:order');
    const stored = await sayNumbers(sender, 'teams:order', 1, 200);
    assert.deepEqual(stored.map(({ offset }) => offset), range(1, 200));
    assert.deepEqual(numbers(await publications.atLeast(200)), range(1, 200));
  });

  it('is stored once when two senders use the same key, for each of them', async (t) => {
    const one = await member(t, server, { sub: 'm_1', teams: ['keys'] });
    const other = await member(t, server, { sub: 'm_2', teams: ['keys'] });
    const message = { channel: 'teams:keys', idempotency_key: 'same', data: 1 };
    assert.equal((await say(one, message)).offset, 1);
    assert.equal((await say(other, message)).offset, 2);
  });
});

describe('a repeated publication', () => {
  const server = serving();

  it('with the same key is answered with the same place, and readers see it once', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['again'] });
    const { publications } = await reading(sender, 'teams:again');
    const message = { channel: 'teams:again', idempotency_key: 'k', data: { text: 'once' } };
    const first = await say(sender, message);
    assert.deepEqual(await say(sender, message), first);
    await say(sender, { channel: 'teams:again', data: 'last' });
    const seen = await publications.atLeast(2);
    assert.deepEqual(seen.map(({ offset, data }) => [offset, data]), [[1, { text: 'once' }], [2, 'last']]);
  });

  it('is the same from another connection of the member', async (t) => {
    const who = { sub: 'm_1', teams: ['elsewhere'] };
    const message = { channel: 'teams:elsewhere', idempotency_key: 'k', data: 1 };
    const first = await say(await member(t, server, who), message);
    assert.deepEqual(await say(await member(t, server, who), message), first);
  });

  it('is stored once even while the first is on its way', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['hasty'] });
    const message = { channel: 'teams:hasty', idempotency_key: 'k', data: 1 };
    const [first, ...others] = await Promise.all(range(1, 20).map(() => say(sender, message)));
    for (const other of others) assert.deepEqual(other, first);
    assert.equal((await sender.history('teams:hasty', { limit: 10 })).publications.length, 1);
  });

  it('with the same key and other data is refused with 107', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['other'] });
    await say(sender, { channel: 'teams:other', idempotency_key: 'k', data: 'one' });
    const other = say(sender, { channel: 'teams:other', idempotency_key: 'k', data: 'another' });
    await assert.rejects(other, { code: 107 });
    assert.equal((await sender.history('teams:other', { limit: 10 })).publications.length, 1);
  });

  it('with the same key in another channel is another message', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['here', 'there'] });
    await say(sender, { channel: 'teams:here', idempotency_key: 'k', data: 'here' });
    const there = await say(sender, { channel: 'teams:there', idempotency_key: 'k', data: 'there' });
    assert.equal(there.offset, 1);
  });

  it('by plain publish is stored once if its data have the same id', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['ids'] });
    await sender.publish('teams:ids', { id: 'a', text: 'once' });
    await sender.publish('teams:ids', { id: 'a', text: 'once' });
    const { publications } = await sender.history('teams:ids', { limit: 10 });
    assert.deepEqual(publications.map(({ data }) => data), [{ id: 'a', text: 'once' }]);
  });

  it('by plain publish is stored again if its data have no id', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['no-ids'] });
    await sender.publish('teams:no-ids', 'yes');
    await sender.publish('teams:no-ids', 'yes');
    assert.equal((await sender.history('teams:no-ids', { limit: 10 })).publications.length, 2);
  });
});

describe('how many are present', () => {
  const server = serving();

  it('is told to who may read the channel: connections, and members', async (t) => {
    const teams = ['here', 'empty'];
    const first = await member(t, server, { sub: 'm_1', teams });
    const second = await member(t, server, { sub: 'm_1', teams });
    const other = await member(t, server, { sub: 'm_2', teams });
    for (const one of [first, second, other]) await reading(one, 'teams:here');
    const stats = await other.presenceStats('teams:here');
    assert.deepEqual([stats.numClients, stats.numUsers], [3, 2]);
    const empty = await first.presenceStats('teams:empty');
    assert.deepEqual([empty.numClients, empty.numUsers], [0, 0]);
    const stranger = await member(t, server, { sub: 'm_3' });
    await assert.rejects(stranger.presenceStats('teams:here'), { code: 103 });
  });
});

describe('a request that makes no sense', () => {
  const server = serving();

  it('is refused with 104 if it is an rpc that does not exist', async (t) => {
    const sender = await member(t, server, { sub: 'm_1' });
    await assert.rejects(sender.rpc('dance', {}), { code: 104 });
  });

  for (const [what, message] of Object.entries({
    'has no channel': { data: 1 },
    'has no data': { channel: 'teams:odd' },
    'has a field that does not exist': { channel: 'teams:odd', data: 1, idempotencyKey: 'k' },
    'has an empty key': { channel: 'teams:odd', data: 1, idempotency_key: '' },
    'has a key with a blank': { channel: 'teams:odd', data: 1, idempotency_key: 'a b' },
    'has a key that is too long': { channel: 'teams:odd', data: 1, idempotency_key: 'k'.repeat(129) },
    'names a channel with a character that none has': { channel: 'teams:{odd}', data: 1 },
    'names a channel that is too long': { channel: `teams:${'o'.repeat(250)}`, data: 1 },
  })) {
    it(`is refused with 107 if it ${what}`, async (t) => {
      const sender = await member(t, server, { sub: 'm_1', teams: ['odd'] });
      await assert.rejects(sender.rpc('publish', message), { code: 107 });
    });
  }

  it('is refused with 108 if it asks who is present', async (t) => {
    const sender = await member(t, server, { sub: 'm_1' });
    await assert.rejects(sender.presence('bulletins:all'), { code: 108 });
  });

  it('ends the connection with 3508 if it is a send, which nobody hears', async (t) => {
    const sender = await member(t, server, { sub: 'm_1' });
    const disconnected = event(sender, 'disconnected');
    await sender.send({ anybody: 'there' });
    assert.equal((await disconnected).code, 3508);
  });
});
