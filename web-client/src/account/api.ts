import type { ProblemCode } from '../protocol/api.gen.ts';
import type { Parse } from '../protocol/shape.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { SessionSource } from './session_source.ts';

/** Why there is no value: a problem that the service named, no answer, or an answer that this page is too old for. */
export type Failure = ProblemCode | 'unreachable' | 'unreadable';

export type ApiAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly tag: string | null }
  | { readonly kind: 'failed'; readonly why: Failure; readonly askAgainMs: number };

export type ApiRequest = Omit<HttpRequest, 'answer' | 'token'>;

/** Has a member confirm that it is them; the answer says whether they did. */
export type StepUp = () => Promise<boolean>;

const NOT_HERE: StepUp = async () => false;

/** The REST API, asked as whoever this device is now, its answers parsed. */
export class Api {
  readonly #http: Http;
  readonly #sessions: Pick<SessionSource, 'current' | 'renew'>;
  readonly #stepUp: StepUp;

  /** `stepUp`: what the service wants confirmed by a passkey is asked of it, and then done once more. */
  constructor(http: Http, sessions: Pick<SessionSource, 'current' | 'renew'>, stepUp: StepUp = NOT_HERE) {
    this.#http = http;
    this.#sessions = sessions;
    this.#stepUp = stepUp;
  }

  async ask<T>(request: ApiRequest, parse: Parse<T>): Promise<ApiAnswer<T>> {
    const answer = await this.#send(request);
    if (answer.kind === 'failed') return answer;
    const value = parse(answer.value);
    return value === null ? { kind: 'failed', why: 'unreadable', askAgainMs: 0 } : { ...answer, value };
  }

  /** For what answers nothing that is of use. */
  async tell(request: ApiRequest): Promise<ApiAnswer<null>> {
    const answer = await this.#send(request);
    return answer.kind === 'failed' ? answer : { ...answer, value: null };
  }

  /** Of a path alone, it is read. */
  async file(asked: ApiRequest | string): Promise<ApiAnswer<Blob>> {
    const request: ApiRequest = typeof asked === 'string' ? { method: 'GET', path: asked } : asked;
    const answer = await this.#send({ ...request, answer: 'blob' });
    if (answer.kind === 'failed') return answer;
    return answer.value instanceof Blob
      ? { ...answer, value: answer.value }
      : { kind: 'failed', why: 'unreadable', askAgainMs: 0 };
  }

  async #send(request: HttpRequest): Promise<ApiAnswer<unknown>> {
    const answer = await this.#sendOnce(request);
    const isConfirmed = answer.kind === 'failed' && answer.why === 'step_up_needed' && (await this.#stepUp());
    return isConfirmed ? this.#sendOnce(request) : answer;
  }

  async #sendOnce(request: HttpRequest): Promise<ApiAnswer<unknown>> {
    const entered = await this.#sessions.current();
    switch (entered.kind) {
      case 'not-joined':
        return { kind: 'failed', why: 'unauthorized', askAgainMs: 0 };
      case 'unavailable':
        return { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
      case 'waiting':
        return { kind: 'failed', why: 'waiting', askAgainMs: 0 };
      case 'session':
    }
    const { token } = entered.session;
    const answer = await this.#http({ ...request, token });
    // What a member may was changed, and what showed it before counts no more. Nothing was done yet.
    if (answer.kind === 'problem' && answer.code === 'unauthorized') {
      const renewed = await this.#sessions.renew();
      if (renewed.kind === 'session' && renewed.session.token !== token) {
        return understood(await this.#http({ ...request, token: renewed.session.token }));
      }
    }
    return understood(answer);
  }
}

/** What an answer says to who asks the REST API. */
export function understood(answer: HttpAnswer): ApiAnswer<unknown> {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'ok', value: answer.body, tag: answer.tag ?? null };
    case 'problem':
      return { kind: 'failed', why: answer.code, askAgainMs: answer.askAgainMs };
    case 'waiting':
      return { kind: 'failed', why: 'waiting', askAgainMs: answer.askAgainMs };
    case 'unreachable':
      return { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
  }
}
