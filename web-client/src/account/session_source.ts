import type { Session } from '../model/session.ts';
import type { Clock } from '../platform/clock.ts';
import { parseSession } from '../protocol/parse_session.ts';
import type { Http } from './http.ts';

export type SessionAnswer =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'not-joined' }
  | { readonly kind: 'unavailable' };

/** A token this near its end might expire on the way. */
const SPARE_MS = 30_000;

/** The one place that asks who this device is. */
export class SessionSource {
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #changed: (answer: SessionAnswer) => void;
  #fresh: { readonly session: Session; readonly until: number } | null = null;
  #asking: Promise<SessionAnswer> | null = null;
  #signOuts = 0;

  constructor(http: Http, clock: Clock, changed: (answer: SessionAnswer) => void) {
    this.#http = http;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Takes the session that redeeming an invite answered, to save the first request. */
  adopt(session: Session): void {
    this.#keep(session);
    this.#changed({ kind: 'session', session });
  }

  /** A session whose token is good for a while, from memory if possible. */
  async current(): Promise<SessionAnswer> {
    const fresh = this.#fresh;
    return fresh !== null && this.#clock.now() < fresh.until ? { kind: 'session', session: fresh.session } : this.renew();
  }

  /** Asks the server; callers that come meanwhile share the question. */
  async renew(): Promise<SessionAnswer> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** Ends this device's membership. `false`: the server could not be told, so nothing was ended. */
  async signOut(): Promise<boolean> {
    const answer = await this.#http({ method: 'DELETE', path: '/v1/session' });
    const isOut = answer.kind === 'ok' || (answer.kind === 'problem' && answer.code === 'unauthorized');
    if (isOut) {
      this.#fresh = null;
      this.#signOuts += 1;
    }
    return isOut;
  }

  async #ask(): Promise<SessionAnswer> {
    const signOuts = this.#signOuts;
    const answer = await this.#http({ method: 'POST', path: '/v1/session' });
    // Asked before the member signed out, and answered late: it is of a session that has ended.
    if (signOuts !== this.#signOuts) return { kind: 'not-joined' };
    const result = this.#read(answer);
    this.#changed(result);
    return result;
  }

  #read(answer: Awaited<ReturnType<Http>>): SessionAnswer {
    if (answer.kind === 'problem' && answer.code === 'unauthorized') {
      this.#fresh = null;
      return { kind: 'not-joined' };
    }
    const session = answer.kind === 'ok' ? parseSession(answer.body) : null;
    if (session === null) return { kind: 'unavailable' };
    this.#keep(session);
    return { kind: 'session', session };
  }

  #keep(session: Session): void {
    this.#fresh = { session, until: this.#clock.now() + session.expiresInMs - SPARE_MS };
  }
}
