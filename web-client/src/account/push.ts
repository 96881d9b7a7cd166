import type { PushAddress, PushChoice } from '../model/push.ts';
import { parsePush, type PushOfService } from '../protocol/parse_push.ts';
import type { Api, ApiAnswer } from './api.ts';

const PATH = '/v1/push';

/** What the service knows of this device's notifications, and what it is told. */
export class PushAccount {
  readonly #api: Pick<Api, 'ask' | 'tell'>;

  constructor(api: Pick<Api, 'ask' | 'tell'>) {
    this.#api = api;
  }

  async read(): Promise<ApiAnswer<PushOfService>> {
    return this.#api.ask({ method: 'GET', path: PATH }, parsePush);
  }

  async tell({ endpoint, keys }: PushAddress, choice: PushChoice): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'PUT', path: PATH, body: { endpoint, keys, choice } });
  }

  async forget(): Promise<ApiAnswer<null>> {
    return this.#api.tell({ method: 'DELETE', path: PATH });
  }
}
