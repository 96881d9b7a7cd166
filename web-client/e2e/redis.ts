import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Reply = Buffer | Reply[] | null;

/** A Redis of a test's own on a Unix socket, and a hand in it: what somebody could do who holds the store. */
export class Redis {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  static async start(): Promise<Redis> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-e2e-redis-'));
    const path = join(folder, 'redis.sock');
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'];
    const process = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--dir', folder, ...durable], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>((ready, failed) => {
      process.once('error', failed);
      process.once('exit', (code) => failed(new Error(`redis-server ended with ${code}`)));
      process.stdout?.on('data', (bytes: Buffer) => {
        if (bytes.toString().includes('eady to accept connections')) ready();
      });
    });
    const socket = createConnection(path);
    await once(socket, 'connect');
    return new Redis(folder, process, socket);
  }

  private constructor(folder: string, process: ChildProcess, socket: Socket) {
    this.#folder = folder;
    this.#process = process;
    this.#socket = socket;
  }

  get url(): string {
    return `unix://${join(this.#folder, 'redis.sock')}`;
  }

  /** One command (RESP 2). One at a time. */
  async ask(...words: readonly (Buffer | string)[]): Promise<Reply> {
    const parts = words.map((word) => Buffer.from(word)).flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]);
    this.#socket.write(Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]));
    this.#received = Buffer.alloc(0);
    for (;;) {
      const [bytes] = (await once(this.#socket, 'data')) as [Buffer];
      this.#received = Buffer.concat([this.#received, bytes]);
      const read = readReply(this.#received, 0);
      if (read !== null) return read.reply;
    }
  }

  async remove(): Promise<void> {
    this.#socket.destroy();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** `null`: there is more to come. */
function readReply(bytes: Buffer, from: number): { reply: Reply; end: number } | null {
  const line = bytes.indexOf('\r\n', from);
  if (line < 0) return null;
  const [sort, words] = [bytes.toString('latin1', from, from + 1), bytes.toString('utf8', from + 1, line)];
  const start = line + 2;
  switch (sort) {
    case '+':
    case ':':
      return { reply: Buffer.from(words), end: start };
    case '$': {
      const length = Number(words);
      if (length < 0) return { reply: null, end: start };
      return bytes.length < start + length + 2 ? null : { reply: bytes.subarray(start, start + length), end: start + length + 2 };
    }
    case '*': {
      const replies: Reply[] = [];
      let end = start;
      for (let i = 0; i < Number(words); i += 1) {
        const each = readReply(bytes, end);
        if (each === null) return null;
        replies.push(each.reply);
        end = each.end;
      }
      return { reply: replies, end };
    }
    default:
      throw new Error(words);
  }
}
