import type { Api, ApiAnswer, ApiRequest } from '../account/api.ts';
import type { Parse } from '../protocol/shape.ts';

/** The REST API as a test answers it, request by request; a promise makes it late. */
export class FakeApi implements Pick<Api, 'ask' | 'file' | 'tell'> {
  readonly asked: ApiRequest[] = [];
  #answers: (ApiAnswer<unknown> | Promise<ApiAnswer<unknown>>)[] = [];

  get paths(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  answers(...values: unknown[]): this {
    this.#answers.push(...values.map((value): ApiAnswer<unknown> => ({ kind: 'ok', value, tag: null })));
    return this;
  }

  fails(why: Extract<ApiAnswer<never>, { kind: 'failed' }>['why']): this {
    this.#answers.push({ kind: 'failed', why, askAgainMs: 0 });
    return this;
  }

  /** Answers when the test says so. */
  answersLater(): (value: unknown) => void {
    let answer: ((value: ApiAnswer<unknown>) => void) | null = null;
    this.#answers.push(new Promise((resolve) => (answer = resolve)));
    return (value) => answer?.({ kind: 'ok', value, tag: null });
  }

  async ask<T>(request: ApiRequest, parse: Parse<T>): Promise<ApiAnswer<T>> {
    const answer = await this.#next(request);
    if (answer.kind === 'failed') return answer;
    const value = parse(answer.value);
    return value === null ? { kind: 'failed', why: 'unreadable', askAgainMs: 0 } : { ...answer, value };
  }

  async tell(request: ApiRequest): Promise<ApiAnswer<null>> {
    const answer = await this.#next(request);
    return answer.kind === 'failed' ? answer : { ...answer, value: null };
  }

  async file(path: string): Promise<ApiAnswer<Blob>> {
    const answer = await this.#next({ method: 'GET', path });
    return answer.kind === 'failed' ? answer : { ...answer, value: new Blob([String(answer.value)]) };
  }

  async #next(request: ApiRequest): Promise<ApiAnswer<unknown>> {
    this.asked.push(request);
    return this.#answers.shift() ?? { kind: 'failed', why: 'unreachable', askAgainMs: 0 };
  }
}
