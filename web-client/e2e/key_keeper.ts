import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BINARY } from './holdfast.ts';

/** Who keeps the campaign's key, on a machine of their own. */
export class KeyKeeper {
  readonly #folder: string;
  /** As the key's maker printed it: groups of four. */
  readonly printed: string;

  static async begin(): Promise<KeyKeeper> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-e2e-keys-'));
    const printed = await keys('root', '--out', join(folder, 'root.key'));
    await keys('manifest', '--root', join(folder, 'root.key'), '--out', join(folder, 'manifest.json'), '--two-people');
    return new KeyKeeper(folder, printed);
  }

  private constructor(folder: string, printed: string) {
    this.#folder = folder;
    this.printed = printed;
  }

  get manifest(): string {
    return join(this.#folder, 'manifest.json');
  }

  async names(name: string, key: string, ...roles: readonly string[]): Promise<void> {
    await keys('organiser', ...this.#files, `--key=${key}`, '--name', name, ...roles.flatMap((role) => ['--role', role]));
  }

  async takesBack(key: string): Promise<void> {
    await keys('revoke', ...this.#files, `--key=${key}`);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #files(): readonly string[] {
    return ['--root', join(this.#folder, 'root.key'), '--manifest', this.manifest];
  }
}

async function keys(...words: readonly string[]): Promise<string> {
  return (await promisify(execFile)(BINARY, ['keys', ...words])).stdout;
}
