import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Api, Failure } from '../../../account/api.ts';
import { parseAuditPage, type AuditActor, type AuditEntry } from './audit_shape.ts';

/** Entries of one request; the service gives no more. */
export const AUDIT_PAGE_SIZE = 100;
/** Entries that the page holds; then it asks for a later day, and says so. */
export const AUDIT_LOADED_MAX = 5_000;

export type Entries =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly why: Failure }
  | { readonly kind: 'loaded'; readonly entries: readonly AuditEntry[]; readonly asOf: number; readonly more: More };

/** What is older. */
export type More =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly after: string }
  | { readonly kind: 'working'; readonly after: string }
  | { readonly kind: 'failed'; readonly after: string; readonly why: Failure }
  | { readonly kind: 'full' };

/** The service knows only `since`; the rest is looked for among what was loaded. */
export interface AuditFilter {
  /** Midnight of a day, in the reader's own time. */
  readonly since: number | null;
  readonly action: string | null;
  /** As {@link actorKey} names them. */
  readonly actor: string | null;
  /** What the service does by itself: heads, starts, removals. */
  readonly withSystem: boolean;
}

const EVERYTHING_OF_PEOPLE: AuditFilter = { since: null, action: null, actor: null, withSystem: false };

export class AuditModel {
  readonly entries: ReadonlySignal<Entries>;
  readonly filter: ReadonlySignal<AuditFilter>;
  /** What the filter leaves, the latest first. */
  readonly shown: ReadonlySignal<readonly AuditEntry[]>;
  /** What one can choose from: who and what is among what was loaded. */
  readonly choices: ReadonlySignal<{ readonly actions: readonly string[]; readonly actors: readonly AuditActor[] }>;
  readonly #api: Pick<Api, 'ask'>;
  readonly #now: () => number;
  readonly #entries = signal<Entries>({ kind: 'loading' });
  readonly #filter = signal(EVERYTHING_OF_PEOPLE);
  /** An answer to a question that was asked before the last `load` counts no more. */
  #asked = 0;

  constructor(api: Pick<Api, 'ask'>, now: () => number) {
    this.#api = api;
    this.#now = now;
    this.entries = this.#entries;
    this.filter = this.#filter;
    const loaded = (): readonly AuditEntry[] => (this.#entries.value.kind === 'loaded' ? this.#entries.value.entries : []);
    this.shown = computed(() => loaded().filter((entry) => matches(entry, this.#filter.value)));
    this.choices = computed(() => ({
      actions: [...new Set(loaded().map(({ action }) => action))].sort(),
      actors: [...new Map(loaded().map(({ who }) => [actorKey(who), who])).values()],
    }));
  }

  async load(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.#entries.value = { kind: 'loading' };
    const answer = await this.#ask(null);
    if (asked !== this.#asked) return;
    if (answer.kind === 'failed') {
      this.#entries.value = answer;
      return;
    }
    const { entries, next } = answer.value;
    this.#entries.value = { kind: 'loaded', entries, asOf: this.#now(), more: moreOf(entries.length, next) };
  }

  async loadOlder(): Promise<void> {
    const loaded = this.#entries.value;
    if (loaded.kind !== 'loaded' || (loaded.more.kind !== 'some' && loaded.more.kind !== 'failed')) return;
    const { after } = loaded.more;
    const asked = this.#asked;
    this.#entries.value = { ...loaded, more: { kind: 'working', after } };
    const answer = await this.#ask(after);
    if (asked !== this.#asked) return;
    if (answer.kind === 'failed') {
      this.#entries.value = { ...loaded, more: { kind: 'failed', after, why: answer.why } };
      return;
    }
    const entries = [...loaded.entries, ...answer.value.entries];
    this.#entries.value = { ...loaded, entries, more: moreOf(entries.length, answer.value.next) };
  }

  choose(change: Partial<AuditFilter>): void {
    const before = this.#filter.value;
    this.#filter.value = { ...before, ...change };
    if (this.#filter.value.since !== before.since) void this.load();
  }

  #ask(after: string | null) {
    const query = new URLSearchParams({ limit: String(AUDIT_PAGE_SIZE) });
    const { since } = this.#filter.value;
    if (since !== null) query.set('since', String(since));
    if (after !== null) query.set('after', after);
    return this.#api.ask({ method: 'GET', path: `/v1/audit?${query}` }, parseAuditPage);
  }
}

/** One word for who did it, to compare by. */
export function actorKey(who: AuditActor): string {
  if (who === 'system') return 'system';
  return 'member' in who ? `member ${who.member}` : `operator ${who.operator ?? ''}`;
}

/** Entries as a file: one JSON object a line, as the service gave them. */
export function asJsonLines(entries: readonly AuditEntry[]): Blob {
  return new Blob(entries.map((entry) => `${JSON.stringify(entry)}\n`), { type: 'application/jsonl' });
}

function matches(entry: AuditEntry, { action, actor, withSystem }: AuditFilter): boolean {
  if (action !== null && entry.action !== action) return false;
  if (actor !== null) return actorKey(entry.who) === actor;
  return withSystem || action !== null || entry.who !== 'system';
}

function moreOf(loaded: number, next: string | undefined): More {
  if (next === undefined) return { kind: 'none' };
  return loaded >= AUDIT_LOADED_MAX ? { kind: 'full' } : { kind: 'some', after: next };
}
