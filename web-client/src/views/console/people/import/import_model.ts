import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import type { Clock } from '../../../../platform/clock.ts';
import type { LocalValues } from '../../../../platform/local_values.ts';
import { isCount, isRecord } from '../../../../protocol/shape.ts';
import { backoffMs } from '../../../../sync/backoff.ts';
import { cellOf, readAnswer, readList, writeFile, writeRows, type Answered, type List, type ListRow, type Outcome, type Unreadable } from './csv.ts';

export interface ImportActions {
  send(csv: string, expiresInS: number, isTrial: boolean): Promise<ApiAnswer<string>>;
}

export interface ImportParts {
  readonly imports: ImportActions;
  readonly clock: Clock;
  readonly random: () => number;
  readonly values: LocalValues;
}

export type Counts = Readonly<Record<Outcome, number>>;

/** A row that cannot be taken, and why in the service's words. */
export interface RefusedRow {
  readonly row: ListRow;
  readonly reason: string;
}

interface Link {
  readonly reference: string;
  readonly name: string;
  readonly link: string;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  /** Why nothing goes on just now; it is tried again by itself. */
  readonly held: Failure | null;
}

export type Importing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'unreadable'; readonly why: Unreadable }
  | ({ readonly kind: 'checking' } & Progress)
  | { readonly kind: 'checked'; readonly counts: Counts; readonly refused: readonly RefusedRow[] }
  | ({ readonly kind: 'importing' } & Progress)
  | { readonly kind: 'stopped'; readonly done: number; readonly of: number }
  | { readonly kind: 'finished'; readonly counts: Counts; readonly refused: readonly RefusedRow[]; readonly links: number }
  | { readonly kind: 'failed'; readonly during: 'checking' | 'importing'; readonly why: Failure };

/** An import that was not finished when the page was closed, as counts: whose names were in it is not kept. */
export interface Unfinished {
  readonly at: number;
  readonly done: number;
  readonly of: number;
}

/** Small enough for a slow network and a busy store, within the time that a request may take. */
export const ROWS_PER_PART = 500;
const UNFINISHED_KEY = 'holdfast.import';
const NO_COUNTS: Counts = { added: 0, present: 0, joined: 0, left: 0, would_add: 0, refused: 0 };
/** What the service says of a reference that comes again; it sees one part at a time, and we see all. */
export const REPEATED = 'the reference is that of a row before';

/** These pass by themselves. */
const PASSING: ReadonlySet<Failure> = new Set<Failure>([
  'internal',
  'too_many_requests',
  'too_slow',
  'unavailable',
  'unreachable',
  'waiting',
]);

/** A list of people on its way in: first a trial that changes nothing, then part by part. */
export class ImportModel {
  readonly state: ReadonlySignal<Importing>;
  readonly unfinished: ReadonlySignal<Unfinished | null>;

  readonly #parts: ImportParts;
  readonly #state = signal<Importing>({ kind: 'idle' });
  readonly #unfinished = signal<Unfinished | null>(null);
  #list: List = { columns: [], rows: [] };
  #taken: readonly ListRow[] = [];
  #refused: RefusedRow[] = [];
  #links: Link[] = [];
  #counts: Counts = NO_COUNTS;
  #done = 0;
  #expiresInS = 0;
  /** Which list is meant: what an older one is answered is passed over. */
  #round = 0;
  #goOn: (() => void) | null = null;

  constructor(parts: ImportParts) {
    this.#parts = parts;
    this.state = this.#state;
    this.unfinished = this.#unfinished;
    this.#unfinished.value = readUnfinished(parts.values.get(UNFINISHED_KEY));
  }

  /** Asks the service what would become of each row. */
  async check(bytes: ArrayBuffer): Promise<void> {
    const round = this.#begin();
    const read = readList(bytes);
    if (read.kind === 'unreadable') {
      this.#state.value = read;
      return;
    }
    this.#list = read.list;
    this.#links = [];
    await this.#trial(round);
  }

  async start(expiresInS: number): Promise<void> {
    if (this.#state.value.kind !== 'checked') return;
    this.#expiresInS = expiresInS;
    this.#counts = { ...NO_COUNTS, refused: this.#refused.length };
    this.#links = [];
    this.#done = 0;
    await this.#import(this.#begin());
  }

  /** Goes on behind what is done. */
  async resume(): Promise<void> {
    const state = this.#state.value;
    if (state.kind === 'stopped' || (state.kind === 'failed' && state.during === 'importing')) await this.#import(this.#begin());
    else if (state.kind === 'failed') await this.#trial(this.#begin());
  }

  stop(): void {
    if (this.#state.value.kind !== 'importing') return;
    this.#begin();
    this.#state.value = { kind: 'stopped', done: this.#done, of: this.#taken.length };
  }

  reset(): void {
    this.#begin();
    this.#links = [];
    this.#state.value = { kind: 'idle' };
  }

  /** The page is left: nothing goes on without somebody who sees it. */
  close(): void {
    this.#begin();
  }

  forgetUnfinished(): void {
    this.#parts.values.remove(UNFINISHED_KEY);
    this.#unfinished.value = null;
  }

  referenceOf(row: ListRow): string {
    return cellOf(this.#list, row, 'reference');
  }

  /** For the campaign's own mailer. */
  linksFile(): string {
    return writeFile(['reference', 'name', 'link'], this.#links.map(({ reference, name, link }) => [reference, name, link]));
  }

  /** The rows that were not taken as they were, with why, to be put right. */
  errorsFile(words: (reason: string) => string): string {
    const rows = this.#refused.map(({ row, reason }) => [String(row.line), words(reason), ...row.cells]);
    return writeFile(['line', 'why', ...this.#list.columns], rows);
  }

  async #trial(round: number): Promise<void> {
    this.#refused = [];
    this.#taken = [];
    this.#counts = NO_COUNTS;
    const taken: ListRow[] = [];
    const seen = new Set<string>();
    const { rows } = this.#list;
    for (let done = 0; done < rows.length; ) {
      const part = rows.slice(done, done + ROWS_PER_PART);
      this.#state.value = { kind: 'checking', done, of: rows.length, held: null };
      const answered = await this.#ask(part, true, round);
      if (answered === null) return;
      for (const [index, row] of part.entries()) {
        const answer = answered[index];
        if (answer === undefined) continue;
        const isRepeated = answer.outcome !== 'refused' && seen.has(answer.reference);
        if (answer.reference !== '') seen.add(answer.reference);
        if (isRepeated || answer.outcome === 'refused') {
          this.#refused.push({ row, reason: isRepeated ? REPEATED : answer.reason });
          this.#count('refused');
        } else {
          taken.push(row);
          this.#count(answer.outcome);
        }
      }
      done += part.length;
    }
    this.#taken = taken;
    this.#state.value = { kind: 'checked', counts: this.#counts, refused: this.#refused };
  }

  async #import(round: number): Promise<void> {
    while (this.#done < this.#taken.length) {
      const part = this.#taken.slice(this.#done, this.#done + ROWS_PER_PART);
      this.#state.value = { kind: 'importing', done: this.#done, of: this.#taken.length, held: null };
      this.#keepUnfinished();
      const answered = await this.#ask(part, false, round);
      if (answered === null) return;
      for (const [index, row] of part.entries()) this.#note(row, answered[index]);
      this.#done += part.length;
    }
    this.forgetUnfinished();
    this.#state.value = { kind: 'finished', counts: this.#counts, refused: this.#refused, links: this.#links.length };
  }

  #note(row: ListRow, answer: Answered | undefined): void {
    if (answer === undefined) return;
    this.#count(answer.outcome);
    if (answer.outcome === 'refused') this.#refused.push({ row, reason: answer.reason });
    if (answer.link !== '') {
      this.#links.push({ reference: answer.reference, name: cellOf(this.#list, row, 'name'), link: answer.link });
    }
  }

  /** Asks until there is an answer; `null`: nobody waits for it any more, or it is a last one. */
  async #ask(part: readonly ListRow[], isTrial: boolean, round: number): Promise<readonly Answered[] | null> {
    const csv = writeRows(this.#list, part);
    for (let tries = 0; ; tries += 1) {
      const answer = await this.#parts.imports.send(csv, isTrial ? 1 : this.#expiresInS, isTrial);
      if (round !== this.#round) return null;
      if (answer.kind === 'ok') {
        const answered = readAnswer(answer.value, part.length);
        if (answered === null) this.#fail(isTrial, 'unreadable');
        return answered;
      }
      if (!PASSING.has(answer.why)) {
        this.#fail(isTrial, answer.why);
        return null;
      }
      this.#hold(answer.why);
      await this.#wait(Math.max(answer.askAgainMs, backoffMs(tries, this.#parts.random)));
      if (round !== this.#round) return null;
    }
  }

  #hold(why: Failure): void {
    const state = this.#state.value;
    if (state.kind === 'checking' || state.kind === 'importing') this.#state.value = { ...state, held: why };
  }

  #fail(isTrial: boolean, why: Failure): void {
    this.#state.value = { kind: 'failed', during: isTrial ? 'checking' : 'importing', why };
  }

  #count(outcome: Outcome): void {
    this.#counts = { ...this.#counts, [outcome]: this.#counts[outcome] + 1 };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve);
      this.#goOn = () => {
        cancel();
        resolve();
      };
    });
  }

  #begin(): number {
    this.#goOn?.();
    this.#goOn = null;
    return (this.#round += 1);
  }

  #keepUnfinished(): void {
    const unfinished: Unfinished = { at: this.#parts.clock.now(), done: this.#done, of: this.#taken.length };
    this.#parts.values.set(UNFINISHED_KEY, JSON.stringify(unfinished));
  }
}

function readUnfinished(text: string | null): Unfinished | null {
  try {
    const kept: unknown = text === null ? null : JSON.parse(text);
    if (!isRecord(kept) || !isCount(kept['at']) || !isCount(kept['done']) || !isCount(kept['of'])) return null;
    return { at: kept['at'], done: kept['done'], of: kept['of'] };
  } catch {
    return null;
  }
}
