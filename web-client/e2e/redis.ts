import { Redis as Client } from 'ioredis';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of a test's own on a Unix socket, and a hand in it: what somebody could do who holds the store. */
export class Redis {
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly client: Client;

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
    return new Redis(folder, process, new Client(path));
  }

  private constructor(folder: string, process: ChildProcess, client: Client) {
    this.#folder = folder;
    this.#process = process;
    this.client = client;
  }

  get url(): string {
    return `unix://${join(this.#folder, 'redis.sock')}`;
  }

  async remove(): Promise<void> {
    this.client.disconnect();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
