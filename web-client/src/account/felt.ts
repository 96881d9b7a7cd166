import type { Clock } from '../platform/clock.ts';
import { parseFeltAnswer, type FeltAnswer } from '../protocol/parse_felt_answer.ts';
import type { Http, HttpAnswer, HttpRequest } from './http.ts';
import type { SessionSource } from './session_source.ts';

export interface FeltParts {
  readonly http: Http;
  readonly sessions: Pick<SessionSource, 'current'>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The server takes no more in one report. */
const TIMES_MAX = 20;
/** The first report, and one after a failure: spread, so that a crowd that came at once does not report at once. */
const FIRST_AFTER_MS = 60_000;
/** An answer that took longer says too little about the server's clock. */
const ROUND_TRIP_MAX_MS = 2_000;

/** Tells the service what the member feels: "this is slow", and how long messages took to the screen. */
export class Felt {
  readonly #parts: FeltParts;
  /** When messages were on the screen, by this device's clock, after they were posted, by the server's. */
  #times: number[] = [];
  /** How far the server's clock is ahead of this device's; unknown before the first answer. */
  #ahead: number | null = null;
  #isWaiting = false;

  constructor(parts: FeltParts) {
    this.#parts = parts;
  }

  /** A message is on the screen that came while the member was up to date. */
  shown(postedAt: number): void {
    if (this.#times.length < TIMES_MAX) this.#times.push(this.#parts.clock.now() - postedAt);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#reportAfter(FIRST_AFTER_MS);
  }

  /** `false`: the service could not be told. */
  async sayItIsSlow(): Promise<boolean> {
    const answer = await this.#ask({ method: 'POST', path: '/v1/slow' });
    // Who said it a moment ago has been heard.
    return answer.kind === 'ok' || (answer.kind === 'problem' && answer.code === 'too_many_requests');
  }

  #reportAfter(ms: number): void {
    const { clock, random } = this.#parts;
    clock.after(ms * (0.5 + random()), () => void this.#report());
  }

  async #report(): Promise<void> {
    const times = this.#times;
    if (times.length === 0) {
      // Nothing came meanwhile; the next message begins anew.
      this.#isWaiting = false;
      return;
    }
    const ahead = this.#ahead;
    const body = { publish_to_screen_ms: ahead === null ? [] : times.map((time) => Math.max(0, Math.round(time + ahead))) };
    const before = this.#parts.clock.now();
    const answer = await this.#ask({ method: 'POST', path: '/v1/experience', body });
    const taken = answer.kind === 'ok' ? parseFeltAnswer(answer.body) : null;
    if (taken !== null) this.#taken(taken, before, ahead === null ? [] : times);
    this.#reportAfter(taken?.againInMs ?? FIRST_AFTER_MS);
  }

  #taken(taken: FeltAnswer, before: number, reported: readonly number[]): void {
    const now = this.#parts.clock.now();
    if (now - before <= ROUND_TRIP_MAX_MS) this.#ahead = taken.serverNow - (before + now) / 2;
    this.#times = this.#times.slice(reported.length);
  }

  async #ask(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#parts.sessions.current();
    if (answer.kind !== 'session') return { kind: 'unreachable' };
    return this.#parts.http({ ...request, token: answer.session.token });
  }
}
