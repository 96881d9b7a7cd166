import { parseProblem, type ProblemCode } from '../protocol/parse_problem.ts';
import { parseRetryAfter, parseWaiting, type ToldToWait } from '../protocol/parse_waiting.ts';

export type HttpAnswer =
  | { readonly kind: 'ok'; readonly body: unknown }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly askAgainMs: number }
  /** Nothing was done yet: others are before us. */
  | ({ readonly kind: 'waiting' } & ToldToWait)
  /** No answer: it may or may not have been done. */
  | { readonly kind: 'unreachable' };

export interface HttpRequest {
  readonly method: 'DELETE' | 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
}

export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** Long enough for a slow mobile network, short enough that the reader is told something. */
export const REQUEST_TIMEOUT_MS = 20_000;

export const fetchHttp: Http = async ({ method, path, body, token }) => {
  const headers = new Headers({ accept: 'application/json' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), REQUEST_TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: timeout.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await readJson(response);
    return response.ok ? { kind: 'ok', body: answer } : refusal(response, answer);
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
};

function refusal({ status, headers }: Response, body: unknown): HttpAnswer {
  const toldToWait = parseWaiting(status, body);
  if (toldToWait !== null) return { kind: 'waiting', ...toldToWait };
  return { kind: 'problem', code: parseProblem(status, body), askAgainMs: parseRetryAfter(headers.get('retry-after')) };
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
