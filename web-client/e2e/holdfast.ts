import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const BINARY = resolve(import.meta.dirname, '..', process.env['HOLDFAST_BIN'] ?? '../target/debug/holdfast');

/** The real server on a data folder and a port of its own. It can be killed and started again on the same two. */
export class Holdfast {
  readonly origin: string;
  readonly #port: number;
  readonly #data: string;
  #process: ChildProcess | null = null;
  #firstAdmin: string | null = null;

  static async start(): Promise<Holdfast> {
    const holdfast = new Holdfast(await freePort(), await mkdtemp(join(tmpdir(), 'holdfast-e2e-')));
    await holdfast.start();
    return holdfast;
  }

  private constructor(port: number, data: string) {
    this.#port = port;
    this.#data = data;
    this.origin = `http://localhost:${port}`;
  }

  /** The one-time link that a fresh server prints. */
  get firstAdmin(): string {
    if (this.#firstAdmin === null) throw new Error('the server printed no link for the first admin');
    return this.#firstAdmin;
  }

  async start(): Promise<void> {
    const process = spawn(BINARY, ['serve', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = process;
    const lines = createInterface({ input: process.stdout });
    await new Promise<void>((ready, failed) => {
      process.once('error', failed);
      process.once('exit', (code) => failed(new Error(`the server ended with ${code} before it was ready`)));
      let isReady = false;
      lines.on('line', (line) => {
        if (line.startsWith('first admin ')) this.#firstAdmin = line.slice('first admin '.length).trim();
        isReady ||= line.startsWith('ready ');
        // The link of a fresh server may follow the line that says it is ready.
        if (isReady && this.#firstAdmin !== null) ready();
      });
    });
  }

  /** As a power cut would do it. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    this.#process = null;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was free');
  return address.port;
}
