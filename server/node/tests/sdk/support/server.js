// @ts-check
// A Holdfast of one's own: the real binary on a fresh data folder, on a port of the system's choice that it keeps
// when it is started again.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { within } from './deadline.js';

const BINARY =
  process.env['HOLDFAST_BIN'] ?? fileURLToPath(new URL('../../../../../target/debug/holdfast', import.meta.url));

/**
 * Data is kept in memory where the system offers that: a killed process leaves behind what it wrote either way, and
 * the tests do not wait for a busy disk. `TMPDIR` names another place.
 */
const FOLDER = process.env['TMPDIR'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** The server refuses variables that it does not know, so it gets none of ours. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_')));

const run = promisify(execFile);

/**
 * @typedef {object} Who
 * @property {string} sub
 * @property {string} [role]
 * @property {string[]} [teams]
 * @property {string[]} [channels]
 * @property {string} [subscribe] a channel: the token is for this subscription alone
 * @property {string} [ttl]
 */

export class Server {
  /** @type {string[]} */
  #options;
  /** @type {string | undefined} */
  #data;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  port = 0;

  /** @param {string[]} [options] further options of `holdfast serve` */
  constructor(options = []) {
    this.#options = options;
  }

  /** The folder with everything that the server keeps. */
  get data() {
    if (this.#data === undefined) throw new Error('the server was never started');
    return this.#data;
  }

  /** Where the SDK connects. */
  get endpoint() {
    return `ws://127.0.0.1:${this.port}/connection/websocket`;
  }

  /** Starts it, or starts it again with the same data on the same port. */
  async start() {
    this.#data ??= await mkdtemp(join(FOLDER, 'holdfast-sdk-'));
    const listen = `127.0.0.1:${this.port}`;
    const options = ['serve', '--listen', listen, '--data', this.#data, '--ops-listen', 'off', '--log', 'warn', '--delay-target', '1m', '--organiser-passkeys', 'optional', ...this.#options];
    const child = spawn(BINARY, options, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const lines = createInterface({ input: child.stdout });
    const ready = new Promise((resolve, reject) => {
      lines.once('line', resolve);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    });
    const line = String(await within(ready, 'the ready line'));
    const port = /^ready http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port === undefined) throw new Error(`not a ready line: ${line}`);
    this.port = Number(port);
  }

  /**
   * Ends it with a signal; answers how it ended once it did.
   *
   * @param {'SIGKILL' | 'SIGTERM'} signal
   * @returns {Promise<{ code: number | null, signal: string | null }>}
   */
  async end(signal) {
    const child = this.#process;
    if (child === undefined) throw new Error('the server does not run');
    this.#process = undefined;
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code, by] = await within(exit, `the end by ${signal}`);
    return { code, signal: by };
  }

  /** Ends it for good and removes what it kept. */
  async remove() {
    if (this.#process !== undefined) await this.end('SIGKILL');
    if (this.#data !== undefined) await rm(this.#data, { recursive: true });
  }

  /**
   * A token, as `holdfast token` prints it.
   *
   * @param {Who} who
   * @returns {Promise<string>}
   */
  async token({ sub, role, teams, channels, subscribe, ttl }) {
    const given = Object.entries({ sub, role, teams: teams?.join(), channels: channels?.join(), subscribe, ttl });
    const options = given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
    const { stdout } = await run(BINARY, ['token', ...options, '--data', this.data], { env: ENVIRONMENT });
    return stdout.trim();
  }
}

/**
 * A server for the tests of one file.
 *
 * @param {string[]} [options]
 */
export function serving(options) {
  const server = new Server(options);
  before(() => server.start());
  after(() => server.remove());
  return server;
}
