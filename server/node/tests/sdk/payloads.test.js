// @ts-check
// What is said arrives as it was said, up to a bound.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { event } from './support/deadline.js';
import { member, range, reading, say } from './support/member.js';
import { RawSocket } from './support/raw_socket.js';
import { serving } from './support/server.js';
import { STRINGS } from './support/strings.js';

/** Of the JSON text of one publication's data. */
const PAYLOAD_MAX_BYTES = 32 * 1_024;

/** A string whose JSON text has so many bytes. */
const text = (/** @type {number} */ bytes) => 'x'.repeat(bytes - 2);

describe('a large payload', () => {
  const server = serving();

  it('passes if it just fits, by publish', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['large'] });
    const { publications } = await reading(sender, 'teams:large');
    await sender.publish('teams:large', text(PAYLOAD_MAX_BYTES));
    assert.equal((await publications.atLeast(1))[0]?.data, text(PAYLOAD_MAX_BYTES));
  });

  it('passes if it just fits, by rpc', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['large-rpc'] });
    const data = text(PAYLOAD_MAX_BYTES);
    assert.equal((await say(sender, { channel: 'teams:large-rpc', idempotency_key: 'k'.repeat(128), data })).status, 'ok');
  });

  it('is refused with 107 if it has a byte more', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['larger'] });
    const data = text(PAYLOAD_MAX_BYTES + 1);
    await assert.rejects(sender.publish('teams:larger', data), { code: 107 });
    await assert.rejects(say(sender, { channel: 'teams:larger', data }), { code: 107 });
    assert.equal((await sender.history('teams:larger', { limit: 0 })).offset, 0);
  });

  it('is counted in bytes, not in characters', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['wide'] });
    const fits = '漢'.repeat((PAYLOAD_MAX_BYTES - 2) / 3);
    assert.deepEqual(await sender.publish('teams:wide', fits), {});
    await assert.rejects(sender.publish('teams:wide', `${fits}漢`), { code: 107 });
  });

  it('is one of many that are caught up with, however much they are together', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['heavy'] });
    const data = (/** @type {number} */ n) => `${n}${text(PAYLOAD_MAX_BYTES - 10)}`;
    for (const n of range(1, 40)) await sender.publish('teams:heavy', data(n));
    const reader = await member(t, server, { sub: 'm_2', teams: ['heavy'] });
    const { publications } = await reading(reader, 'teams:heavy', { since: { offset: 0, epoch: '' } });
    assert.deepEqual((await publications.atLeast(40)).map((publication) => publication.data), range(1, 40).map(data));
  });

  it('that makes the frame too large ends the connection for good', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['frame'] });
    const disconnected = event(sender, 'disconnected');
    const published = assert.rejects(sender.publish('teams:frame', text(65 * 1_024)));
    assert.equal((await disconnected).code, 3, 'the SDK’s word for a message that is too large');
    await published;
  });
});

describe('any string', () => {
  const server = serving();

  for (const string of STRINGS) {
    it(`is the same afterwards: ${JSON.stringify(string).replaceAll(/[^ -~]/gu, '.')}`, async (t) => {
      const sender = await member(t, server, { sub: 'm_1', teams: ['strings'] });
      const { publications } = await reading(sender, 'teams:strings');
      const data = { [string]: string, list: [string] };
      await sender.publish('teams:strings', data);
      const stored = await say(sender, { channel: 'teams:strings', data });
      assert.equal(stored.status, 'ok');
      for (const publication of await publications.atLeast(2)) {
        assert.deepEqual(JSON.stringify(publication.data), JSON.stringify(data));
      }
      const { publications: kept } = await sender.history('teams:strings', { limit: 1, reverse: true });
      assert.deepEqual(JSON.stringify(kept[0]?.data), JSON.stringify(data));
    });
  }
});

describe('JSON text', () => {
  const server = serving();

  /** How deep a payload may nest. */
  const DEEP = 64;
  const nested = (/** @type {number} */ levels) => '['.repeat(levels) + ']'.repeat(levels);

  for (const [what, json] of Object.entries({
    'numbers that a double does not hold': '[1.0,-0,1e400,12345678901234567890,0.10000000000000000001,1E+2]',
    'escapes that need not be': '"\\u0041\\/\\u00e9\\ud83d\\ude00"',
    'letters that need no escapes': '"é漢😀\u2028"',
    'blanks between its parts': '{ "a" :\t[ 1 , 2 ] }',
    'the same field in two objects': '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    'fields in no order': '{"b":1,"a":2,"":3,"id":"x"}',
    'half a letter': '"\\ud800"',
    'half a letter as an id': '{"id":"\\ud800"}',
    'an id that is no text': '{"id":{"id":1}}',
    'a null': 'null',
    'a truth value': 'true',
    'lists that are as deep as they may be': nested(DEEP),
  })) {
    it(`arrives letter by letter: ${what}`, async (t) => {
      const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['letters'] });
      await socket.ask({ id: 2, subscribe: { channel: 'teams:letters' } });
      socket.text(`{"id":3,"publish":{"channel":"teams:letters","data":${json}}}`);
      assert.deepEqual(await socket.reply(3), { id: 3, publish: {} });
      const [push] = await socket.pushed('teams:letters', 1);
      assert.ok(push?.includes(`"data":${json}`), push?.slice(0, 300));
    });
  }

  for (const [what, json] of Object.entries({
    'the same field twice': '{"a":1,"a":2}',
    'the same field twice in other letters': '{"a":1,"\\u0061":2}',
    'the same field twice somewhere inside': '[{"b":{"a":1,"b":{},"a":2}}]',
    'lists that are deeper than they may be': nested(DEEP + 1),
    'lists that are very deep': nested(10_000),
  })) {
    it(`is refused with 107, and the connection stays: ${what}`, async (t) => {
      const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['refused'] });
      socket.text(`{"id":2,"publish":{"channel":"teams:refused","data":${json}}}`);
      assert.equal((await socket.reply(2)).error.code, 107);
      socket.text(`{"id":3,"rpc":{"method":"publish","data":{"channel":"teams:refused","data":${json}}}}`);
      assert.equal((await socket.reply(3)).error.code, 107);
      assert.equal((await socket.ask({ id: 4, history: { channel: 'teams:refused' } })).history.offset, 0);
    });
  }

  for (const [what, json] of Object.entries({
    'is not there': '',
    'has a number that begins with 0': '01',
    'has a comma too many': '[1,]',
    'has a word that is none': 'nul',
    'is two': '1 2',
    'does not end': '{"a":1',
    'has a bare tab in a string': '"\t"',
    'has a bare line break in a string': '"a\nb"',
  })) {
    it(`ends the connection with 3501 if it ${what}`, async (t) => {
      const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['broken'] });
      socket.text(`{"id":3,"publish":{"channel":"teams:broken","data":${json}}}`);
      assert.equal((await socket.closed())?.code, 3501);
    });
  }

  it('may be null, by rpc', async (t) => {
    const sender = await member(t, server, { sub: 'm_1', teams: ['null'] });
    assert.equal((await say(sender, { channel: 'teams:null', data: null })).status, 'ok');
    assert.equal((await sender.history('teams:null', { limit: 1 })).publications[0]?.data, null);
  });

  it('with line breaks between its parts arrives as one message', async (t) => {
    const socket = await RawSocket.identified(t, server, { sub: 'm_1', teams: ['lines'] });
    await socket.ask({ id: 2, subscribe: { channel: 'teams:lines' } });
    socket.text('{"id":3,"publish":{"channel":"teams:lines","data":{\n"a":\r\n[1]\n}}}');
    const [push] = await socket.pushed('teams:lines', 1);
    assert.deepEqual(JSON.parse(push ?? '').push.pub.data, { a: [1] });
  });
});
