// @ts-check
// What the bytes on a socket may be, and how a connection ends that sends others (RFC 6455 §7.4.1).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BINARY, CLOSE, CONTINUATION, PING, RawSocket, TEXT, frame, head } from './support/raw_socket.js';
import { serving } from './support/server.js';

const FRAME_MAX_BYTES = 64 * 1_024;

describe('a first frame', () => {
  const server = serving();

  for (const [what, text, code] of /** @type {const} */ ([
    ['not a connect', '{"id":1,"subscribe":{"channel":"bulletins:all"}}', 3501],
    ['a publish', '{"id":1,"publish":{"channel":"bulletins:all","data":1}}', 3501],
    ['a pong', '{}', 3501],
    ['no request', '{"id":1}', 3501],
    ['garbage', 'garbage', 3501],
    ['half a command', '{"id":1,"connect":{', 3501],
    ['another kind of JSON', '[1,2]', 3501],
    ['a connect without a number', '{"connect":{"token":"x"}}', 3501],
    ['a connect with a number that is too large', '{"id":4294967296,"connect":{"token":"x"}}', 3501],
    ['a connect without a token', '{"id":1,"connect":{}}', 3501],
    ['a connect with a token that is none', '{"id":1,"connect":{"token":"x"}}', 3500],
  ])) {
    it(`that is ${what} ends the connection with ${code}`, async (t) => {
      const socket = await RawSocket.open(t, server);
      socket.text(text);
      assert.equal((await socket.closed())?.code, code);
      await socket.gone();
    });
  }
});

describe('a frame of somebody who is known', () => {
  const server = serving();
  const who = { sub: 'm_1', teams: ['frames'] };

  for (const [what, text] of Object.entries({
    'a second connect': '{"id":2,"connect":{"token":"x"}}',
    'no request': '{"id":2}',
    'a command without a number': '{"subscribe":{"channel":"teams:frames"}}',
    'a pong that nobody asked for': '{}',
    'a subscription to no channel': '{"id":2,"subscribe":{}}',
    'garbage': '\u0000',
    'good commands and then garbage': '{"id":2,"rpc":{"method":"x"}}\ngarbage',
    'nothing': '',
    'blank': ' \n',
    'a command with the same field twice': '{"id":2,"id":2,"rpc":{"method":"x"}}',
    'a command that nests too deep': `{"id":2,"x":${'['.repeat(64)}${']'.repeat(64)}}`,
    'more than 256 commands': '{"id":2,"presence":{"channel":"a"}}\n'.repeat(257),
  })) {
    it(`that is ${what} ends the connection with 3501`, async (t) => {
      const socket = await RawSocket.identified(t, server, who);
      socket.text(text);
      assert.equal((await socket.closed())?.code, 3501);
    });
  }

  it('may hold 256 commands, answered in their order', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    const ids = Array.from({ length: 256 }, (_, i) => i + 2);
    socket.text(ids.map((id) => JSON.stringify({ id, presence: { channel: 'teams:frames' } })).join('\n'));
    const replies = (/** @type {string[]} */ texts) => texts.map((text) => JSON.parse(text).id).filter((id) => id > 1);
    const texts = await socket.texts.until((all) => replies(all).length >= 256, '256 replies');
    assert.deepEqual(replies(texts), ids);
  });

  it('may have as many bytes as the bound', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    socket.text('{"id":2,"rpc":{"method":"x"}}'.padEnd(FRAME_MAX_BYTES, ' '));
    assert.equal((await socket.reply(2)).error.code, 104);
  });

  for (const length of [FRAME_MAX_BYTES + 1, 1_000_000, 2 ** 40]) {
    it(`that declares ${length} bytes ends the connection with 1009 before it was sent`, async (t) => {
      const socket = await RawSocket.identified(t, server, who);
      socket.send(head(TEXT, length));
      assert.equal((await socket.closed())?.code, 1009);
      await socket.gone();
    });
  }

  it('in parts that are too large together ends the connection with 1009', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    const half = ' '.repeat(FRAME_MAX_BYTES / 2 + 1);
    socket.send(frame(TEXT, half, { last: false }));
    socket.send(frame(CONTINUATION, half));
    assert.equal((await socket.closed())?.code, 1009);
  });

  it('may come in parts, with a ping between them and a letter across them', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    await socket.ask({ id: 2, subscribe: { channel: 'teams:frames' } });
    const text = Buffer.from('{"id":3,"publish":{"channel":"teams:frames","data":"漢"}}');
    const cut = text.indexOf('漢') + 1;
    socket.send(frame(TEXT, text.subarray(0, cut), { last: false }));
    socket.send(frame(PING, 'between'));
    socket.send(frame(CONTINUATION, text.subarray(cut)));
    assert.equal((await socket.pongs.atLeast(1))[0]?.toString(), 'between');
    const [push] = await socket.pushed('teams:frames', 1);
    assert.equal(JSON.parse(push ?? '').push.pub.data, '漢');
  });

  it('may come byte by byte', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    for (const byte of frame(TEXT, '{"id":2,"rpc":{"method":"x"}}')) socket.send(Buffer.from([byte]));
    assert.equal((await socket.reply(2)).error.code, 104);
  });

  it('that is binary ends the connection with 1003', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    socket.send(frame(BINARY, '{"id":2,"rpc":{"method":"x"}}'));
    assert.equal((await socket.closed())?.code, 1003);
  });

  for (const [what, bytes] of Object.entries({
    'a letter that is none': [0x22, 0xff, 0x22],
    'half a letter': [0x22, 0xe6, 0xbc, 0x22],
    'a letter written too long': [0x22, 0xc0, 0xaf, 0x22],
    'a surrogate': [0x22, 0xed, 0xa0, 0x80, 0x22],
  })) {
    it(`with ${what} ends the connection with 1007`, async (t) => {
      const socket = await RawSocket.identified(t, server, who);
      socket.send(frame(TEXT, Buffer.from(bytes)));
      assert.equal((await socket.closed())?.code, 1007);
    });
  }

  for (const [what, bytes] of Object.entries({
    'is not masked': frame(TEXT, '{}', { masked: false }),
    'has an opcode that means nothing': frame(0x3, '{}'),
    'has a control opcode that means nothing': frame(0xb, ''),
    'has a reserved bit': frame(TEXT, '{}', { reserved: 4 }),
    'goes on with what never began': frame(CONTINUATION, '{}'),
    'begins another before it ended': Buffer.concat([frame(TEXT, '{', { last: false }), frame(TEXT, '}')]),
    'is a ping in parts': frame(PING, '', { last: false }),
    'is a ping that is too long': frame(PING, 'x'.repeat(126)),
    'is a close with half a code': frame(CLOSE, Buffer.from([0x03])),
  })) {
    it(`that ${what} ends the connection with 1002`, async (t) => {
      const socket = await RawSocket.identified(t, server, who);
      socket.send(bytes);
      assert.equal((await socket.closed())?.code, 1002);
      await socket.gone();
    });
  }

  it('that is a ping is answered with what it holds', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    socket.send(frame(PING, 'x'.repeat(125)));
    assert.equal((await socket.pongs.atLeast(1))[0]?.toString(), 'x'.repeat(125));
  });

  it('that is a close is answered with a close of the same code', async (t) => {
    const socket = await RawSocket.identified(t, server, who);
    socket.send(frame(CLOSE, Buffer.from([0x03, 0xe8])));
    assert.equal((await socket.closed())?.code, 1000);
    await socket.gone();
  });
});
