import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BulletinAttachment, BulletinContent } from '../src/protocol/api.gen.ts';
import { BINARY, type Holdfast } from './holdfast.ts';

interface Asked {
  readonly id: string;
  readonly revision: number;
  readonly state: string;
  readonly link: string;
  readonly content: BulletinContent;
}

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
    return this.#goes(await this.asks('sender', 'POST', '/v1/bulletins', { content: whole }));
  }

  /** Other words in the place of a bulletin that was sent. Answers the id of the correction. */
  async corrects(id: string, texts: BulletinContent['texts']): Promise<string> {
    const draft = await this.asks('sender', 'POST', `/v1/bulletins/${id}/corrections`, {});
    const content = { ...draft.content, texts };
    return this.#goes(await this.asks('sender', 'PUT', `/v1/bulletins/${draft.id}`, { revision: draft.revision, content }));
  }

  async withdraws(id: string): Promise<void> {
    await this.asks('sender', 'POST', `/v1/bulletins/${id}/withdraw`);
  }

  /** A file, as it goes into a bulletin. */
  async attaches(bytes: Buffer<ArrayBuffer>, media: BulletinAttachment['media']): Promise<Omit<BulletinAttachment, 'label'>> {
    const answer = await fetch(`${this.#holdfast.origin}/v1/attachments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token('sender')}`, 'content-type': media },
      body: bytes,
    });
    if (!answer.ok) throw new Error(`the file was answered ${answer.status}`);
    return (await answer.json()) as BulletinAttachment;
  }

  /** Somebody who wrote none of them says yes to all that wait for it, the oldest first. */
  async approvesAll(): Promise<void> {
    const { bulletins } = await this.asks<{ bulletins: Asked[] }>('approver', 'GET', '/v1/bulletins');
    for (const { id, revision } of bulletins.filter(({ state }) => state === 'awaiting_approval').reverse()) {
      await this.asks('approver', 'POST', `/v1/bulletins/${id}/approve`, { revision });
    }
  }

  /** The link of an invite for one person with these roles. */
  async invites(roles: readonly Role[], places: { regions?: string[]; teams?: string[] } = {}): Promise<string> {
    const terms = { roles, regions: [], teams: [], ...places, max_uses: 1, expires_in_s: 3_600 };
    return (await this.asks<{ link: string }>('admin', 'POST', '/v1/invites', terms)).link;
  }

  async asks<T = Asked>(role: Role, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.#holdfast.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.token(role)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    // A test writes faster than anybody may; it comes again when the service says so.
    if (answer.status === 429) {
      await new Promise((resolve) => void setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1_000));
      return this.asks(role, method, path, body);
    }
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  }

  async #goes(draft: Asked): Promise<string> {
    const submitted = await this.asks('sender', 'POST', `/v1/bulletins/${draft.id}/submit`, { revision: draft.revision });
    if (submitted.state === 'awaiting_approval') {
      await this.asks('approver', 'POST', `/v1/bulletins/${draft.id}/approve`, { revision: submitted.revision });
    }
    return draft.id;
  }

  /** What a program of the campaign shows. */
  async token(role: Role): Promise<string> {
    const made = this.#tokens.get(role) ?? newToken(role, this.#holdfast.data);
    this.#tokens.set(role, made);
    return made;
  }
}

async function newToken(role: Role, data: string): Promise<string> {
  const { stdout } = await promisify(execFile)(BINARY, ['token', '--sub', `e2e-${role}`, '--role', role, '--data', data]);
  return stdout.trim();
}
