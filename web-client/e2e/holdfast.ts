import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const BINARY = resolve(import.meta.dirname, '..', process.env['HOLDFAST_BIN'] ?? '../target/debug/holdfast');
const FIRST_ADMIN = 'first admin ';
/** On a busy machine a node is hard pressed, and says so on every page. */
export const NEVER_PRESSED = ['--delay-target', '1m'] as const;

/** The real server on a data folder and a port of its own. It can be killed and started again on the same two. */
export class Holdfast {
  readonly origin: string;
  readonly #port: number;
  readonly data: string;
  readonly #options: readonly string[];
  #process: ChildProcess | null = null;
  #firstAdmin: string | null = null;

  static async start(options: readonly string[] = NEVER_PRESSED): Promise<Holdfast> {
    const holdfast = new Holdfast(await freePort(), await mkdtemp(join(tmpdir(), 'holdfast-e2e-')), options);
    try {
      await holdfast.start();
      return holdfast;
    } catch (error) {
      await holdfast.remove();
      throw error;
    }
  }

  private constructor(port: number, data: string, options: readonly string[]) {
    this.#port = port;
    this.data = data;
    this.#options = options;
    this.origin = `http://localhost:${port}`;
  }

  /** The one-time link that a fresh server prints. */
  get firstAdmin(): string {
    if (this.#firstAdmin === null) throw new Error('the server printed no link for the first admin');
    return this.#firstAdmin;
  }

  async start(): Promise<void> {
    const listen = ['--listen', `127.0.0.1:${this.#port}`, '--ops-listen', 'off', '--data', this.data];
    const process = spawn(BINARY, ['serve', ...listen, '--show-first-admin', ...this.#options], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = process;
    const log: string[] = [];
    const lines = createInterface({ input: process.stdout });
    const logLines = createInterface({ input: process.stderr });
    await new Promise<void>((ready, failed) => {
      let isReady = false;
      const settle = (): void => {
        if (isReady && this.#firstAdmin !== null) ready();
      };
      process.once('error', failed);
      process.once('exit', (code) => failed(new Error([`the server ended with ${code} before it was ready`, ...log].join('\n'))));
      lines.on('line', (line) => {
        isReady ||= line.startsWith('ready ');
        settle();
      });
      logLines.on('line', (line) => {
        log.push(line);
        if (line.startsWith(FIRST_ADMIN)) this.#firstAdmin = line.slice(FIRST_ADMIN.length).trim();
        settle();
      });
    });
  }

  /** As a power cut would do it. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === null) return;
    this.#process = null;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, 'exit');
    process.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }
}

/** The options of a server that someone runs on this machine do not reach ours. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_')));
}

/**
 * A port that stays ours while the server is down: from below the range of which the system gives ports to outgoing
 * connections.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port)) return port;
  }
  throw new Error('no port was free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((answer) => {
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}
