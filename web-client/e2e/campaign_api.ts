import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BulletinContent } from '../src/protocol/api.gen.ts';
import { BINARY, type Holdfast } from './holdfast.ts';

export type Role = 'activist' | 'admin' | 'approver' | 'observer' | 'sender';

/** What a test asks of the service beside the pages: with tokens of programs, as the campaign's own programs do. */
export class CampaignApi {
  readonly #holdfast: Holdfast;
  readonly #tokens = new Map<Role, Promise<string>>();

  constructor(holdfast: Holdfast) {
    this.#holdfast = holdfast;
  }

  /** One person writes it, another approves it, and it goes. Answers its id. */
  async sends(content: Partial<BulletinContent> & Pick<BulletinContent, 'texts'>): Promise<string> {
    const whole = { kind: 'alert', urgency: 'normal', audience: {}, ...content };
    const draft = await this.asks('sender', 'POST', '/v1/bulletins', { content: whole });
    const submitted = await this.asks('sender', 'POST', `/v1/bulletins/${draft.id}/submit`, { revision: draft.revision });
    if (submitted.state === 'awaiting_approval') {
      await this.asks('approver', 'POST', `/v1/bulletins/${draft.id}/approve`, { revision: submitted.revision });
    }
    return draft.id;
  }

  async asks(role: Role, method: string, path: string, body?: unknown): Promise<{ id: string; revision: number; state: string }> {
    const answer = await fetch(`${this.#holdfast.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token(role)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  async #token(role: Role): Promise<string> {
    const made = this.#tokens.get(role) ?? newToken(role, this.#holdfast.data);
    this.#tokens.set(role, made);
    return made;
  }
}

async function newToken(role: Role, data: string): Promise<string> {
  const { stdout } = await promisify(execFile)(BINARY, ['token', '--sub', `e2e-${role}`, '--role', role, '--data', data]);
  return stdout.trim();
}
