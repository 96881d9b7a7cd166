import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const KEY = 'first';

interface Begun {
  readonly nonce: string;
  readonly challenge: string;
}

/** A campaign's own sign-on, as small as it can be: whoever comes is asked once, by a page with two buttons. */
export class Issuer {
  readonly #server: Server;
  readonly #keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly #begun = new Map<string, Begun>();
  /** What it says of whoever comes. */
  claims: Record<string, unknown> = { sub: 'b1f0-4c', holdfast_roles: ['activist'], holdfast_regions: ['north'] };

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    return issuer;
  }

  private constructor() {
    this.#keys = generateKeyPairSync('ed25519');
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body, kind, to }) => {
        response.writeHead(status, { 'content-type': kind ?? 'application/json', connection: 'close', ...(to !== undefined && { location: to }) });
        response.end(body);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string; kind?: string; to?: string }> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return json({ issuer: this.url, jwks_uri: `${this.url}/jwks`, authorization_endpoint: `${this.url}/authorize`, token_endpoint: `${this.url}/token` });
      case '/jwks':
        return json({ keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: KEY, alg: 'EdDSA', use: 'sig' }] });
      case '/authorize':
        return this.#authorize(searchParams);
      case '/token':
        return this.#token(new URLSearchParams(await bodyOf(request)));
      default:
        return { status: 404, body: '' };
    }
  }

  #authorize(asked: URLSearchParams): { status: number; body: string; kind: string } {
    const code = `code-${this.#begun.size}`;
    this.#begun.set(code, { nonce: asked.get('nonce') ?? '', challenge: asked.get('code_challenge') ?? '' });
    const back = `${asked.get('redirect_uri')}?state=${asked.get('state')}`;
    const page = `<!doctype html><title>Sign-on</title><a href="${back}&amp;code=${code}">Yes, it is me</a> <a href="${back}&amp;error=access_denied">No</a>`;
    return { status: 200, body: page, kind: 'text/html' };
  }

  #token(asked: URLSearchParams): { status: number; body: string } {
    const begun = this.#begun.get(asked.get('code') ?? '');
    const challenge = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url');
    if (begun === undefined || begun.challenge !== challenge) return json({ error: 'invalid_grant' }, 400);
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: this.url, aud: asked.get('client_id'), iat: now, exp: now + 300, nonce: begun.nonce, ...this.claims };
    const text = `${encoded({ alg: 'EdDSA', kid: KEY })}.${encoded(claims)}`;
    const signature = sign(null, Buffer.from(text), this.#keys.privateKey).toString('base64url');
    return json({ access_token: 'opaque', token_type: 'Bearer', id_token: `${text}.${signature}` });
  }
}

function json(body: unknown, status = 200): { status: number; body: string } {
  return { status, body: JSON.stringify(body) };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
