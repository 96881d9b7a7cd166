import type { Api, ApiAnswer } from './api.ts';

/** Sends lists of people. Admins only. */
export class Imports {
  readonly #api: Api;

  constructor(service: Api) {
    this.#api = service;
  }

  /** What became of each row, as CSV. The same list again changes nobody, and answers the same links. */
  async send(csv: string, expiresInS: number, isTrial: boolean): Promise<ApiAnswer<string>> {
    const answer = await this.#api.file({
      method: 'POST',
      path: `/v1/imports?dry_run=${isTrial}&expires_in_s=${expiresInS}`,
      body: new Blob([csv], { type: 'text/csv;charset=utf-8' }),
    });
    return answer.kind === 'ok' ? { ...answer, value: await answer.value.text() } : answer;
  }
}
