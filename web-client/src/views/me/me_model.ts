import type { SaveFile } from '../../platform/save_file.ts';
import { signal, type ReadonlySignal } from '@preact/signals';
import * as api from '../../protocol/api.gen.ts';
import { parser } from '../../protocol/parser.ts';
import type { AppParts } from '../app/app_parts.ts';
import { Action } from './action.ts';

/** A code by which this member comes in on another device. */
export interface MoveCode {
  readonly code: string;
  /** Opens the app there with the code in it. */
  readonly link: string;
  readonly expiresAt: number;
}

export type MeParts = Pick<AppParts, 'api' | 'ended' | 'named' | 'randomId'> & {
  readonly origin: string;
  readonly saveFile: SaveFile;
};

const parseMember = parser(api.Member);
const parseDevices = parser(api.DeviceList);
const parseSignOnView = parser(api.SignOnView);
const parseCode = parser(api.TransferCode);

export const MAX_NAME_BYTES = 128;
/** Beside an invite's token, which has no `=`. */
export const MOVE_PREFIX = 'transfer=';
const FILE_NAME = 'my-data.json';

/** What members see to for themselves. */
export class MeModel {
  readonly naming = new Action();
  readonly listing = new Action();
  readonly signingOut = new Action();
  readonly moving = new Action();
  readonly exporting = new Action();
  readonly going = new Action();
  /** `null`: not read yet. */
  readonly devices: ReadonlySignal<readonly api.Device[] | null>;
  readonly code: ReadonlySignal<MoveCode | null>;
  /** What people call the campaign's own sign-on; `null`: there is none that is known. */
  readonly signOn: ReadonlySignal<string | null>;
  readonly #devices = signal<readonly api.Device[] | null>(null);
  readonly #code = signal<MoveCode | null>(null);
  readonly #signOn = signal<string | null>(null);
  readonly #parts: MeParts;

  constructor(parts: MeParts) {
    this.#parts = parts;
    this.devices = this.#devices;
    this.code = this.#code;
    this.signOn = this.#signOn;
  }

  /** An empty name takes it away. */
  async rename(name: string): Promise<void> {
    const { api: service, named } = this.#parts;
    const answer = await this.naming.run(() => service.ask({ method: 'PATCH', path: '/v1/me', body: { name } }, parseMember));
    if (answer !== null) await named(answer.value.name ?? null);
  }

  /** Where nobody answers, it is not spoken of. */
  async askSignOn(): Promise<void> {
    const answer = await this.#parts.api.ask({ method: 'GET', path: '/v1/sign-on' }, parseSignOnView);
    if (answer.kind === 'ok') this.#signOn.value = answer.value.oidc?.name ?? null;
  }

  async readDevices(): Promise<void> {
    const answer = await this.listing.run(() => this.#parts.api.ask({ method: 'GET', path: '/v1/me/devices' }, parseDevices));
    if (answer !== null) this.#devices.value = answer.value.devices;
  }

  async signOutDevice(id: string): Promise<void> {
    const path = `/v1/me/devices/${encodeURIComponent(id)}`;
    const answer = await this.signingOut.run(() => this.#parts.api.tell({ method: 'DELETE', path }));
    if (answer === null) return;
    this.#devices.value = this.#devices.value?.filter((device) => device.id !== id) ?? null;
  }

  /** This one too: then nothing of the member stays here. */
  async signOutAll(): Promise<void> {
    await this.#go({ method: 'DELETE', path: '/v1/me/devices' }, this.signingOut);
  }

  async makeCode(): Promise<void> {
    const { api: service, origin, randomId } = this.#parts;
    const request = { method: 'POST', path: '/v1/transfers', idempotencyKey: randomId() } as const;
    const answer = await this.moving.run(() => service.ask(request, parseCode));
    if (answer === null) return;
    const { code, expires_at_ms: expiresAt } = answer.value;
    this.#code.value = { code, link: `${origin}/join#${MOVE_PREFIX}${code}`, expiresAt };
  }

  async exportData(): Promise<void> {
    const answer = await this.exporting.run(() => this.#parts.api.file('/v1/me/export'));
    if (answer !== null) this.#parts.saveFile(FILE_NAME, answer.value);
  }

  async leave(): Promise<void> {
    await this.#go({ method: 'POST', path: '/v1/me/leave' }, this.going);
  }

  async erase(): Promise<void> {
    await this.#go({ method: 'DELETE', path: '/v1/me' }, this.going);
  }

  async #go(request: { readonly method: 'DELETE' | 'POST'; readonly path: string }, action: Action): Promise<void> {
    const answer = await action.run(() => this.#parts.api.tell(request));
    if (answer !== null) await this.#parts.ended();
  }
}

export function isNameTooLong(name: string): boolean {
  return new TextEncoder().encode(name.trim()).length > MAX_NAME_BYTES;
}
