import { parseProblem, type ProblemCode } from '../protocol/parse_problem.ts';
import { parseRetryAfter, parseWaiting, type ToldToWait } from '../protocol/parse_waiting.ts';

export type HttpAnswer =
  /** `tag`: the revision of what was answered (`ETag`), where it has one. */
  | { readonly kind: 'ok'; readonly body: unknown; readonly tag?: string | null }
  /** `saidAt`: the service's time, where it said it. */
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly askAgainMs: number; readonly saidAt?: number }
  /** Nothing was done yet: others are before us. */
  | ({ readonly kind: 'waiting' } & ToldToWait)
  /** No answer: it may or may not have been done. */
  | { readonly kind: 'unreachable' };

export interface HttpRequest {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  readonly path: string;
  /** Sent as JSON; a `Blob` as it is, under its own type. */
  readonly body?: unknown;
  readonly token?: string;
  /** Shows that it is this device that asks. */
  readonly proof?: string;
  /** The same for each try of one request, so that it is done once. */
  readonly idempotencyKey?: string;
  /** Only if what is changed has still this tag. */
  readonly ifMatch?: string;
  /** `blob`: a file, not JSON. */
  readonly answer?: 'blob' | 'json';
}

export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** Long enough for a slow mobile network, short enough that the reader is told something. */
export const REQUEST_TIMEOUT_MS = 20_000;

export const fetchHttp: Http = async (request) => {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), REQUEST_TIMEOUT_MS);
  try {
    const response = await fetch(request.path, {
      method: request.method,
      headers: headersOf(request),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: timeout.signal,
      ...(request.body === undefined ? {} : { body: bodyOf(request.body) }),
    });
    if (!response.ok) return refusal(response, await readJson(response));
    const body = request.answer === 'blob' ? await response.blob() : await readJson(response);
    return { kind: 'ok', body, tag: response.headers.get('etag') };
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
};

function headersOf({ body, token, proof, idempotencyKey, ifMatch, answer }: HttpRequest): Headers {
  const headers = new Headers(answer === 'blob' ? {} : { accept: 'application/json' });
  if (body !== undefined) headers.set('content-type', body instanceof Blob ? body.type : 'application/json');
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (proof !== undefined) headers.set('holdfast-proof', proof);
  if (idempotencyKey !== undefined) headers.set('idempotency-key', `"${idempotencyKey}"`);
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  return headers;
}

function bodyOf(body: unknown): BodyInit {
  return body instanceof Blob ? body : JSON.stringify(body);
}

function refusal({ status, headers }: Response, body: unknown): HttpAnswer {
  const toldToWait = parseWaiting(status, body);
  if (toldToWait !== null) return { kind: 'waiting', ...toldToWait };
  const saidAt = Date.parse(headers.get('date') ?? '');
  const askAgainMs = parseRetryAfter(headers.get('retry-after'));
  return { kind: 'problem', code: parseProblem(status, body), askAgainMs, ...(saidAt > 0 && { saidAt }) };
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
