import { signal, type ReadonlySignal } from '@preact/signals';
import type { Api } from '../../account/api.ts';
import * as api from '../../protocol/api.gen.ts';
import { parser } from '../../protocol/parser.ts';
import { parseLinkOutcome, type LinkOutcome } from '../../protocol/parse_sign_on.ts';
import { Action } from '../me/action.ts';

export interface OwnSignOnParts {
  readonly api: Pick<Api, 'ask' | 'tell'>;
  /** Where the sign-on sends this browser back to. */
  readonly page: '/' | '/console';
  /** The word in this page's address, of who comes back from there. It is taken out of the address. */
  readonly cameBack: () => string | null;
  readonly goTo: (url: string) => void;
}

export interface Found {
  /** What people call the sign-on; `null`: there is none. */
  readonly name: string | null;
  readonly account: api.OwnSignOn['account'];
}

const parseSignOnView = parser(api.SignOnView);
const parseOwn = parser(api.OwnSignOn);
const parseBegun = parser(api.LinkBegun);

/** Whether an account at the campaign's own sign-on signs a member in, and how they have it do so. */
export class OwnSignOnModel {
  readonly reading = new Action();
  readonly linking = new Action();
  readonly unlinking = new Action();
  /** `null`: not read yet. */
  readonly found: ReadonlySignal<Found | null>;
  /** What came of going there. */
  readonly outcome: LinkOutcome | null;
  readonly #found = signal<Found | null>(null);
  readonly #parts: OwnSignOnParts;

  constructor(parts: OwnSignOnParts) {
    this.#parts = parts;
    this.found = this.#found;
    this.outcome = parseLinkOutcome(parts.cameBack());
  }

  async read(): Promise<void> {
    const { api: service } = this.#parts;
    const answer = await this.reading.run(async () => {
      const signOn = await service.ask({ method: 'GET', path: '/v1/sign-on' }, parseSignOnView);
      if (signOn.kind !== 'ok') return signOn;
      const own = await service.ask({ method: 'GET', path: '/v1/me/sign-on' }, parseOwn);
      if (own.kind !== 'ok') return own;
      return { ...own, value: { name: signOn.value.oidc?.name ?? null, account: own.value.account } };
    });
    if (answer !== null) this.#found.value = answer.value;
  }

  /** This page ends with it; the sign-on sends the browser back to the same one. */
  async link(): Promise<void> {
    const { api: service, page, goTo } = this.#parts;
    const answer = await this.linking.run(() => service.ask({ method: 'POST', path: '/v1/me/sign-on', body: { return: page } }, parseBegun));
    if (answer !== null) goTo(answer.value.url);
  }

  async unlink(): Promise<void> {
    const answer = await this.unlinking.run(() => this.#parts.api.tell({ method: 'DELETE', path: '/v1/me/sign-on' }));
    if (answer !== null) await this.read();
  }
}

/** For a page in a browser. */
export function ownSignOn(service: OwnSignOnParts['api'], page: OwnSignOnParts['page']): OwnSignOnModel {
  return new OwnSignOnModel({ api: service, page, cameBack, goTo: (url) => location.assign(url) });
}

function cameBack(): string | null {
  const word = new URLSearchParams(location.search).get('sign_on');
  // Who opens the page anew has not come back again.
  if (word !== null) history.replaceState(history.state, '', location.pathname + location.hash);
  return word;
}
