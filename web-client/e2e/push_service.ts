import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a phone was sent, opened with its keys. */
export interface Pushed {
  readonly endpoint: string;
  /** By the clock of this machine. */
  readonly at: number;
  readonly text: string;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  readonly ttl: number;
}

/** What a browser tells a page of its subscription. */
export interface Subscription {
  /** A number behind it makes an address. */
  readonly prefix: string;
  readonly p256dh: string;
  readonly auth: string;
}

/** What the service answers a sender: it takes it, it says something else, or nothing at all. */
type Manner = 'stall' | 'take' | { readonly status: number; readonly retryAfter?: number };

/** Browsers give no more room (RFC 8291, §4). */
const MAX_BYTES = 4_096;

/**
 * A push service as browsers' makers run them (RFC 8030), on this machine, for any number of phones. It lets nobody in who
 * does not say who they are (RFC 8292), and holds the phones' keys, so that tests see what arrives.
 */
export class PushService {
  readonly origin: string;
  /** What is wrong with what was sent, in words; nothing may be. */
  readonly wrong: string[] = [];
  readonly #server: Server;
  readonly #phones = new Map<string, Phone>();
  readonly #stalled = new Set<ServerResponse>();
  manner: Manner = 'take';

  static async start(): Promise<PushService> {
    const heard: { service?: PushService } = {};
    const server = createServer((request, response) => {
      heard.service?.hear(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    heard.service = new PushService(server);
    return heard.service;
  }

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** How many senders wait for an answer. */
  get stalled(): number {
    return this.#stalled.size;
  }

  phone(): Phone {
    const phone = new Phone(this.origin);
    this.#phones.set(phone.id, phone);
    return phone;
  }

  stop(): void {
    for (const response of this.#stalled) response.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const { headers, url = '' } = request;
    const phone = this.#phones.get(url.split('/')[2] ?? '');
    const endpoint = `${this.origin}${url}`;
    const wrong = wrongWith(headers, this.origin);
    if (wrong !== null || phone === undefined || request.method !== 'POST' || body.length > MAX_BYTES) {
      this.wrong.push(wrong ?? `${request.method} ${url}, ${body.length} bytes`);
      return void response.writeHead(400).end();
    }
    if (this.manner === 'stall') return void this.#stalled.add(response);
    phone.tried.push(endpoint);
    if (this.manner !== 'take') {
      const { status, retryAfter } = this.manner;
      return void response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }).end();
    }
    const { urgency, topic, ttl } = headers;
    phone.take({ endpoint, at: Date.now(), text: phone.opened(body), urgency: textOf(urgency), topic: textOf(topic), ttl: Number(ttl) });
    response.writeHead(201, { location: `${this.origin}/message/${phone.pushed.length}` }).end();
  }
}

/** One phone's side of it: its keys, and what was brought to it. */
export class Phone {
  readonly id = randomBytes(8).toString('hex');
  readonly subscription: Subscription;
  readonly pushed: Pushed[] = [];
  /** The addresses at which somebody tried to reach it. */
  readonly tried: string[] = [];
  readonly #keys: ECDH = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  #waiting: ((pushed: Pushed) => void)[] = [];

  constructor(origin: string) {
    const key = this.#keys.generateKeys();
    this.subscription = { prefix: `${origin}/push/${this.id}`, p256dh: key.toString('base64url'), auth: this.#auth.toString('base64url') };
  }

  take(pushed: Pushed): void {
    this.pushed.push(pushed);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(pushed);
  }

  /** The next that comes. */
  async next(withinMs: number): Promise<Pushed> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`nothing was pushed within ${withinMs} ms`)), withinMs);
      this.#waiting.push((pushed) => {
        clearTimeout(timer);
        resolve(pushed);
      });
    });
  }

  /** RFC 8291, §3.4, and RFC 8188, §2: one record, whose padding begins with a 2. */
  opened(body: Buffer): string {
    const [salt, keyLength] = [body.subarray(0, 16), body.readUInt8(20)];
    const sender = body.subarray(21, 21 + keyLength);
    const sealed = body.subarray(21 + keyLength);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender]);
    const secret = Buffer.from(hkdfSync('sha256', this.#keys.computeSecret(sender), this.#auth, info, 32));
    const key = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: aes128gcm\0', 16));
    const nonce = Buffer.from(hkdfSync('sha256', secret, salt, 'Content-Encoding: nonce\0', 12));
    const cipher = createDecipheriv('aes-128-gcm', key, nonce);
    cipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
  }
}

/** What a push service does not let through; `null`: nothing. */
function wrongWith(headers: IncomingHttpHeaders, origin: string): string | null {
  const { authorization = '', ttl = '', topic, urgency } = headers;
  if (headers['content-encoding'] !== 'aes128gcm') return `content-encoding: ${headers['content-encoding']}`;
  if (!/^\d+$/.test(ttl.toString())) return `ttl: ${ttl}`;
  if (topic !== undefined && !/^[\w-]{1,32}$/.test(topic.toString())) return `topic: ${topic}`;
  if (urgency !== undefined && !/^(very-low|low|normal|high)$/.test(urgency.toString())) return `urgency: ${urgency}`;
  return wrongWithSender(authorization, origin);
}

/** RFC 8292: a token for this service, signed by the key that is shown beside it. */
function wrongWithSender(authorization: string, origin: string): string | null {
  const [, token, key] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/i.exec(authorization) ?? [];
  const [head, claims, signature] = token?.split('.') ?? [];
  if (head === undefined || claims === undefined || signature === undefined || key === undefined) return `authorization: ${authorization}`;
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const signer = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const isSigned = verify('sha256', Buffer.from(`${head}.${claims}`), { key: signer, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  if (!isSigned) return 'the sender’s token is not signed by its key';
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud?: unknown; exp?: unknown; sub?: unknown };
  const secondsLeft = Number(exp) - Date.now() / 1_000;
  if (aud !== origin) return `the token is for ${String(aud)}`;
  if (!(secondsLeft > 0 && secondsLeft <= 86_400)) return `the token is good for ${secondsLeft} s`;
  return /^(mailto:|https:)/.test(String(sub)) ? null : `the token names ${String(sub)}`;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function textOf(header: string[] | string | undefined): string | undefined {
  return header?.toString();
}
