import type { Redis as Client } from 'ioredis';
import type { Redis } from './redis.ts';

/** What a node keeps of a publication (server/storage, stored.rs): the payload, when, and under which key. */
export interface StoredPublication {
  readonly data: Record<string, unknown>;
  readonly timeMs: number;
  readonly key: string;
}

/** The log of a channel as it lies in the store, to be read and written by somebody who is no node. */
export class StoredLog {
  readonly #redis: Client;
  readonly #channel: string;

  constructor(redis: Redis, channel: string) {
    this.#redis = redis.client;
    this.#channel = channel;
  }

  async read(): Promise<StoredPublication[]> {
    const rows = await this.#redis.xrangeBuffer(await this.#key('log'), '-', '+');
    return rows.map(([, [, bytes]]) => decode(bytes ?? Buffer.alloc(0)));
  }

  /** In the place of all that was there. */
  async write(publications: readonly StoredPublication[]): Promise<void> {
    const log = await this.#key('log');
    await this.#redis.del(log);
    for (const [at, each] of publications.entries()) await this.#redis.xadd(log, `${at + 1}-0`, 'p', encode(each));
    await this.#redis.hset(await this.#key('meta'), 'top', publications.length);
  }

  async #key(part: string): Promise<string> {
    const [key] = await this.#redis.keys(`*{${this.#channel}}:${part}`);
    if (key === undefined) throw new Error(`the store has no ${part} of ${this.#channel}`);
    return key;
  }
}

/** Protobuf: 1 the payload, 2 the time, 5 the key; what the service says has no sender. */
function encode({ data, timeMs, key }: StoredPublication): Buffer {
  const [payload, name] = [Buffer.from(JSON.stringify(data)), Buffer.from(key)];
  return Buffer.concat([tag(1, 2), varint(payload.length), payload, tag(2, 0), varint(timeMs), tag(5, 2), varint(name.length), name]);
}

function decode(bytes: Buffer): StoredPublication {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const found = new Map<number, Buffer | number>();
  while (at < bytes.length) {
    const head = number();
    if ((head & 7) === 0) {
      found.set(head >> 3, number());
      continue;
    }
    const length = number();
    found.set(head >> 3, bytes.subarray(at, at + length));
    at += length;
  }
  return { data: JSON.parse(String(found.get(1))) as Record<string, unknown>, timeMs: Number(found.get(2)), key: String(found.get(5)) };
}

function tag(field: number, wire: number): Buffer {
  return varint(field * 8 + wire);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
