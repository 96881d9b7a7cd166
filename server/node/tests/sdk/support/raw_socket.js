// @ts-check
// A WebSocket client that says exactly the bytes it is told to, also those that no client should say (RFC 6455 §5.2).

import { once } from 'node:events';
import http from 'node:http';
import { within } from './deadline.js';
import { Gathered } from './gathered.js';

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CONTINUATION = 0x0;
export const PING = 0x9;
export const PONG = 0xa;
export const CLOSE = 0x8;

/** What a WebSocket API says of a connection that ended without a close frame (RFC 6455 §7.4.1). */
export const NO_CLOSE = 1006;

const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/**
 * The head of a frame, with the length that it declares.
 *
 * @param {number} opcode
 * @param {number} length
 * @param {{ masked?: boolean, last?: boolean, reserved?: number }} [form]
 */
export function head(opcode, length, { masked = true, last = true, reserved = 0 } = {}) {
  const first = (last ? 0x80 : 0) | (reserved << 4) | opcode;
  const bit = masked ? 0x80 : 0;
  const mask = masked ? MASK : Buffer.alloc(0);
  if (length < 126) return Buffer.concat([Buffer.from([first, bit | length]), mask]);
  const bytes = Buffer.alloc(length < 65_536 ? 4 : 10);
  bytes[0] = first;
  if (length < 65_536) {
    bytes[1] = bit | 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = bit | 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([bytes, mask]);
}

/**
 * A whole frame.
 *
 * @param {number} opcode
 * @param {Buffer | string} content
 * @param {{ masked?: boolean, last?: boolean, reserved?: number }} [form]
 */
export function frame(opcode, content, form = {}) {
  const payload = Buffer.from(content);
  const masked = form.masked === false ? payload : payload.map((byte, i) => byte ^ (MASK[i % 4] ?? 0));
  return Buffer.concat([head(opcode, payload.length, form), masked]);
}

/**
 * Asks for the upgrade; answers the status, and the socket if it is 101.
 *
 * @param {{ port: number }} server
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number, socket: RawSocket | undefined }>}
 */
export async function upgrade({ port }, headers = {}) {
  const request = http.get({
    port,
    path: '/connection/websocket',
    agent: false,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  const answered = new Promise((resolve, reject) => {
    request.on('upgrade', (_, socket, first) => resolve({ status: 101, socket: new RawSocket(socket, first) }));
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode, socket: undefined });
    });
    request.on('error', reject);
  });
  return within(answered, 'an answer to the upgrade');
}

export class RawSocket {
  /** @type {Gathered<string>} */
  texts = new Gathered();
  /** @type {Gathered<Buffer>} */
  pongs = new Gathered();
  /** @type {Gathered<{ code: number, reason: string }>} */
  #closes = new Gathered();
  /** @type {Gathered<string | undefined>} all texts, and nothing for the end */
  #heard = new Gathered();
  #unread = Buffer.alloc(0);
  #socket;

  /**
   * @param {import('node:stream').Duplex} socket
   * @param {Buffer} first
   */
  constructor(socket, first) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes) => this.#hear(bytes));
    socket.on('close', () => this.#end({ code: NO_CLOSE, reason: 'the connection ended without a close frame' }));
    this.#hear(first);
  }

  /**
   * @param {import('node:test').TestContext} t
   * @param {{ port: number }} server
   */
  static async open(t, server) {
    const { socket, status } = await upgrade(server);
    if (socket === undefined) throw new Error(`the upgrade was answered with ${status}`);
    t.after(() => socket.destroy());
    return socket;
  }

  /**
   * One that has said whose it is.
   *
   * @param {import('node:test').TestContext} t
   * @param {import('./server.js').Server} server
   * @param {import('./server.js').Who} who
   */
  static async identified(t, server, who) {
    const socket = await RawSocket.open(t, server);
    await socket.ask({ id: 1, connect: { token: await server.token(who) } });
    return socket;
  }

  /** @param {Buffer[]} bytes */
  send(...bytes) {
    this.#socket.write(Buffer.concat(bytes));
  }

  /** @param {string} text */
  text(text) {
    this.send(frame(TEXT, text));
  }

  /** @param {object} command */
  command(command) {
    this.text(JSON.stringify(command));
  }

  /**
   * Sends a command and waits for its reply.
   *
   * @param {{ id: number, [request: string]: unknown }} command
   */
  async ask(command) {
    this.command(command);
    return this.reply(command.id);
  }

  /** @param {number} id of a command */
  async reply(id) {
    const isReply = (/** @type {string} */ text) => text.startsWith(`{"id":${id},`);
    const texts = await this.texts.until((all) => all.some(isReply), `the reply to ${id}`);
    return JSON.parse(texts.find(isReply) ?? '');
  }

  /**
   * Waits for a reply, or for the end; answers whether it was the end.
   *
   * @param {number} id of a command
   */
  async replyOrEnd(id) {
    const isReplyOrEnd = (/** @type {string | undefined} */ text) => text === undefined || text.startsWith(`{"id":${id},`);
    const heard = await this.#heard.until((all) => all.some(isReplyOrEnd), `the reply to ${id}, or the end`);
    return heard.includes(undefined);
  }

  /**
   * Waits until so many publications of a channel came; answers their messages as they came.
   *
   * @param {string} channel
   * @param {number} count
   * @param {number} [ms]
   */
  async pushed(channel, count, ms) {
    const isPush = (/** @type {string} */ text) => text.startsWith(`{"push":{"channel":"${channel}","pub":`);
    const enough = (/** @type {string[]} */ texts) => texts.filter(isPush).length >= count;
    return (await this.texts.until(enough, `${count} publications in ${channel}`, ms)).filter(isPush);
  }

  /**
   * How the connection ends.
   *
   * @param {number} [ms]
   */
  async closed(ms) {
    const [close] = await this.#closes.atLeast(1, ms);
    return close;
  }

  /** Waits until the connection itself is gone. */
  async gone() {
    if (!this.#socket.destroyed) await within(once(this.#socket, 'close'), 'the end of the connection');
  }

  /** Takes nothing from the network, as an app that hangs, until it is resumed. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** @param {Buffer} bytes */
  #hear(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (let taken = this.#takeFrame(); taken !== undefined; taken = this.#takeFrame()) {
      const { opcode, payload } = taken;
      if (opcode === TEXT) for (const text of payload.toString().split('\n')) this.#hearText(text);
      if (opcode === PONG) this.pongs.add(payload);
      if (opcode === CLOSE) this.#end({ code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) });
    }
  }

  /** @param {string} text */
  #hearText(text) {
    this.texts.add(text);
    this.#heard.add(text);
  }

  /** @param {{ code: number, reason: string }} close */
  #end(close) {
    this.#closes.add(close);
    this.#heard.add(undefined);
  }

  /** Servers send no masks and, to us, no fragments. */
  #takeFrame() {
    const bytes = this.#unread;
    if (bytes.length < 2) return undefined;
    const short = (bytes[1] ?? 0) & 0x7f;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < start) return undefined;
    const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < start + length) return undefined;
    this.#unread = bytes.subarray(start + length);
    return { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(start, start + length) };
  }
}
