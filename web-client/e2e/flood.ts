import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { BINARY, type Holdfast } from './holdfast.ts';

const LOAD_BINARY = process.env['HOLDFAST_LOAD_BIN'] ?? join(dirname(BINARY), 'holdfast-load');
const SCENARIO = resolve(import.meta.dirname, 'flood.toml');

/** The campaign's own load tool, attacking a server of a test. It ends by itself after a minute. */
export class Flood {
  readonly #process: ChildProcess;
  readonly #log: string[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    for (const output of [process.stdout, process.stderr]) {
      if (output !== null) createInterface({ input: output }).on('line', (line) => this.#log.push(line));
    }
  }

  static on(holdfast: Holdfast): Flood {
    const { port } = new URL(holdfast.origin);
    const target = ['--target', `http://127.0.0.1:${port}`, '--keys', join(holdfast.data, 'keys.json')];
    const out = ['--plain', '--out', join(holdfast.data, 'load-results')];
    return new Flood(spawn(LOAD_BINARY, ['run', SCENARIO, ...target, ...out], { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** Why it may have ended early, for who reads a failed test. */
  get log(): string {
    return this.#log.slice(-20).join('\n');
  }

  get goesOn(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async stop(): Promise<void> {
    if (!this.goesOn) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
