import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import { EVERYBODY, type MemberFilter } from '../../../../account/people.ts';
import type { Member, MemberList } from '../../../../protocol/api.gen.ts';

export interface MemberReading {
  list(filter: MemberFilter, after: string | null): Promise<ApiAnswer<MemberList>>;
}

export type Further = { readonly kind: 'failed'; readonly why: Failure } | { readonly kind: 'idle' } | { readonly kind: 'reading' };

export type Members =
  | { readonly kind: 'loading' }
  | {
      readonly kind: 'listed';
      readonly members: readonly Member[];
      /** Where the next page begins; `null`: these are all. */
      readonly next: string | null;
      readonly asOf: number;
      readonly further: Further;
    }
  | { readonly kind: 'failed'; readonly why: Failure };

/** A filtered page may be empty though there are further ones: so many of them are read unasked. */
const EMPTY_PAGES_MAX = 5;

/** Members as far as they were read: the service filters by role, standing, region and team, the page by name and id. */
export class MembersModel {
  readonly filter: ReadonlySignal<MemberFilter>;
  readonly search: ReadonlySignal<string>;
  readonly members: ReadonlySignal<Members>;
  /** Of the members that were read, those that the search finds. */
  readonly found: ReadonlySignal<readonly Member[]>;

  readonly #people: MemberReading;
  readonly #now: () => number;
  readonly #filter = signal<MemberFilter>(EVERYBODY);
  readonly #search = signal('');
  readonly #members = signal<Members>({ kind: 'loading' });
  /** Which reading is meant: an answer to an older question is passed over. */
  #question = 0;

  constructor(people: MemberReading, now: () => number) {
    this.#people = people;
    this.#now = now;
    this.filter = this.#filter;
    this.search = this.#search;
    this.members = this.#members;
    this.found = computed(() => {
      const members = this.#members.value;
      return members.kind === 'listed' ? members.members.filter((member) => isFound(member, this.#search.value)) : [];
    });
  }

  seek(text: string): void {
    this.#search.value = text;
  }

  async narrow(change: Partial<MemberFilter>): Promise<void> {
    this.#filter.value = { ...this.#filter.value, ...change };
    await this.refresh();
  }

  /** From the beginning. What was read stays in sight until the answer. */
  async refresh(): Promise<void> {
    const question = (this.#question += 1);
    if (this.#members.value.kind === 'failed') this.#members.value = { kind: 'loading' };
    const answer = await this.#page(null, question);
    if (question !== this.#question) return;
    this.#members.value =
      answer.kind === 'ok'
        ? {
            kind: 'listed',
            members: answer.value.members,
            next: answer.value.next ?? null,
            asOf: this.#now(),
            further: { kind: 'idle' },
          }
        : { kind: 'failed', why: answer.why };
  }

  async readOn(): Promise<void> {
    const before = this.#members.value;
    if (before.kind !== 'listed' || before.next === null || before.further.kind === 'reading') return;
    const question = (this.#question += 1);
    this.#members.value = { ...before, further: { kind: 'reading' } };
    const answer = await this.#page(before.next, question);
    if (question !== this.#question) return;
    this.#members.value =
      answer.kind === 'ok'
        ? {
            ...before,
            members: [...before.members, ...answer.value.members],
            next: answer.value.next ?? null,
            further: { kind: 'idle' },
          }
        : { ...before, further: { kind: 'failed', why: answer.why } };
  }

  /** One of them was changed on their own page. */
  changed(member: Member): void {
    const members = this.#members.value;
    if (members.kind !== 'listed') return;
    this.#members.value = { ...members, members: members.members.map((each) => (each.id === member.id ? member : each)) };
  }

  erased(id: string): void {
    const members = this.#members.value;
    if (members.kind !== 'listed') return;
    this.#members.value = { ...members, members: members.members.filter((each) => each.id !== id) };
  }

  async #page(after: string | null, question: number): Promise<ApiAnswer<MemberList>> {
    const filter = this.#filter.value;
    let answer = await this.#people.list(filter, after);
    for (let empty = 0; empty < EMPTY_PAGES_MAX && question === this.#question; empty += 1) {
      if (answer.kind === 'failed' || answer.value.members.length > 0 || answer.value.next === undefined) break;
      answer = await this.#people.list(filter, answer.value.next);
    }
    return answer;
  }
}

function isFound({ id, name, regions, teams }: Member, search: string): boolean {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const text = [id, name ?? '', ...regions, ...teams].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
