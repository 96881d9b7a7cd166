import type { Session } from '../model/session.ts';
import type { Waiting } from '../model/waiting.ts';
import type { Clock } from '../platform/clock.ts';
import { admissionAfter, admittedWith, mayAsk, type Admission } from './admission.ts';
import type { Http } from './http.ts';
import { parseWord, type Word } from './other_admissions.ts';
import { Reminder } from './reminder.ts';

export type Entered =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'not-joined' }
  /** `isAwaiting`: an admin has yet to agree that this device is let in. `isUnproven`: it could not show its key. */
  | { readonly kind: 'unavailable'; readonly isAwaiting?: boolean; readonly isUnproven?: boolean };

export type SessionAnswer = Entered | { readonly kind: 'waiting'; readonly waiting: Waiting };

export interface SessionParts {
  readonly http: Http;
  readonly clock: Clock;
  readonly random: () => number;
  readonly changed: (answer: SessionAnswer) => void;
  /** Tells the other tabs of this browser, which show the same place and are let in by the same ticket. */
  readonly tell: (word: Word) => void;
}

/** The one place that asks who this device is, and whether it is let in. */
export class SessionSource {
  readonly #parts: SessionParts;
  readonly #reminder: Reminder;
  #admission: Admission = { kind: 'unknown' };
  #asking: Promise<SessionAnswer> | null = null;
  #inLine: ((answer: Entered) => void)[] = [];
  /** How often it was said, without asking, who this device is. */
  #said = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#reminder = new Reminder(parts.clock, parts.random);
  }

  /** Takes the session that redeeming an invite answered, to save the first request. */
  adopt(session: Session): void {
    this.#said += 1;
    this.#move(admittedWith(session, this.#parts.clock.now()));
  }

  /** A session whose token is good for a while, from memory if possible. */
  async current(): Promise<SessionAnswer> {
    const admission = this.#admission;
    const isFresh = admission.kind === 'admitted' && this.#parts.clock.now() < admission.freshUntil;
    return isFresh ? answerOf(admission) : this.renew();
  }

  /** Asks the server, unless it said that it is too soon; callers that come meanwhile share the question. */
  async renew(): Promise<SessionAnswer> {
    if (!mayAsk(this.#admission, this.#parts.clock.now())) return answerOf(this.#admission);
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  /** The same for who can do nothing before it is their turn: they get an answer then. */
  async enter(how: 'current' | 'renew'): Promise<Entered> {
    await this[how]();
    const answer = answerOf(this.#admission);
    if (answer.kind !== 'waiting') return answer;
    const turn = new Promise<Entered>((resolve) => this.#inLine.push(resolve));
    this.#remind();
    return turn;
  }

  /** The page is looked at again. */
  wake(): void {
    this.#reminder.wake();
  }

  /** Another tab was answered: with the same cookies this one would have been told the same. */
  hear(message: unknown): void {
    const word = parseWord(message);
    if (word === null || this.#admission.kind !== 'waiting' || this.#asking !== null) return;
    const { clock } = this.#parts;
    switch (word.kind) {
      case 'waiting':
        this.#move(admissionAfter(this.#admission, word, clock.now()));
        return;
      case 'admitted':
        // With its ticket nobody waits any more.
        this.#askNow();
    }
  }

  /** Ends this device's membership. `false`: the server could not be told, so nothing was ended. */
  async signOut(): Promise<boolean> {
    const answer = await this.#parts.http({ method: 'DELETE', path: '/v1/session' });
    const isOut = answer.kind === 'ok' || (answer.kind === 'problem' && answer.code === 'unauthorized');
    if (isOut) this.end();
    return isOut;
  }

  /** The service has said that this device belongs to nobody any more. */
  end(): void {
    this.#said += 1;
    this.#admission = { kind: 'signed-out' };
    this.#serveLine({ kind: 'not-joined' });
  }

  async #ask(): Promise<SessionAnswer> {
    const { http, clock, tell } = this.#parts;
    const said = this.#said;
    const answer = await http({ method: 'POST', path: '/v1/admit' });
    // Asked before the member signed out, or confirmed that it is them, and answered late: it is of what was before.
    if (said !== this.#said) return answerOf(this.#admission);
    const before = this.#admission;
    const after = admissionAfter(before, answer, clock.now());
    if (answer.kind === 'waiting') tell(answer);
    else if (before.kind === 'waiting' && after.kind === 'admitted') tell({ kind: 'admitted' });
    return this.#move(after);
  }

  #move(admission: Admission): SessionAnswer {
    this.#admission = admission;
    const answer = answerOf(admission);
    this.#parts.changed(answer);
    if (answer.kind === 'waiting') this.#remind();
    else this.#serveLine(answer);
    return answer;
  }

  #remind(): void {
    if (this.#admission.kind !== 'waiting' || this.#inLine.length === 0) return;
    this.#reminder.after(this.#admission.askAt - this.#parts.clock.now(), () => this.#askNow());
  }

  #askNow(): void {
    if (this.#admission.kind === 'waiting') this.#admission = { ...this.#admission, askAt: this.#parts.clock.now() };
    void this.renew();
  }

  #serveLine(answer: Entered): void {
    this.#reminder.cancel();
    const inLine = this.#inLine;
    this.#inLine = [];
    for (const resolve of inLine) resolve(answer);
  }
}

function answerOf(admission: Admission): SessionAnswer {
  switch (admission.kind) {
    case 'admitted':
      return { kind: 'session', session: admission.session };
    case 'waiting':
      return { kind: 'waiting', waiting: admission.waiting };
    case 'signed-out':
      return { kind: 'not-joined' };
    case 'away':
      return {
        kind: 'unavailable',
        ...(admission.isAwaiting === true && { isAwaiting: true }),
        ...(admission.isUnproven === true && { isUnproven: true }),
      };
    case 'unknown':
      return { kind: 'unavailable' };
  }
}
