import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer, Failure } from '../../../../account/api.ts';
import { EVERYBODY, type MemberFilter } from '../../../../account/people.ts';
import type { Member, MemberEdit, MemberList } from '../../../../protocol/api.gen.ts';
import { LABELS_MAX } from '../shared/labels.ts';

export interface TeamActions {
  list(filter: MemberFilter, after: string | null): Promise<ApiAnswer<MemberList>>;
  read(id: string): Promise<ApiAnswer<Member>>;
  edit(id: string, edit: MemberEdit, tag: string): Promise<ApiAnswer<Member>>;
}

export interface Team {
  readonly name: string;
  readonly count: number;
}

/** How far members were read. */
export type Reading =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly isAll: boolean; readonly asOf: number }
  | { readonly kind: 'failed'; readonly why: Failure };

/** What became of the last change of a team. */
export type TeamChange =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working'; readonly id: string }
  | { readonly kind: 'added' | 'full' | 'overtaken' | 'removed'; readonly member: Member }
  | { readonly kind: 'failed'; readonly why: Failure };

/** Pages that are read unasked; further ones when somebody asks. */
const PAGES_AT_ONCE = 5;

/** Teams as members have them: there is no list of teams beside it. */
export class TeamsModel {
  readonly reading: ReadonlySignal<Reading>;
  readonly teams: ReadonlySignal<readonly Team[]>;
  readonly known: ReadonlySignal<ReadonlyMap<string, Member>>;
  readonly change: ReadonlySignal<TeamChange>;

  readonly #people: TeamActions;
  readonly #now: () => number;
  readonly #reading = signal<Reading>({ kind: 'reading' });
  readonly #known = signal<ReadonlyMap<string, Member>>(new Map());
  readonly #change = signal<TeamChange>({ kind: 'idle' });
  #next: string | null = null;
  #round = 0;

  constructor(people: TeamActions, now: () => number) {
    this.#people = people;
    this.#now = now;
    this.reading = this.#reading;
    this.known = this.#known;
    this.change = this.#change;
    this.teams = computed(() => countTeams(this.#known.value.values()));
  }

  async refresh(): Promise<void> {
    this.#change.value = { kind: 'idle' };
    this.#next = null;
    await this.#read(EVERYBODY, new Map());
  }

  async readOn(): Promise<void> {
    if (this.#next !== null && this.#reading.value.kind !== 'reading') await this.#read(EVERYBODY, this.#known.value);
  }

  /** All members of one team, also those that were not read yet. */
  async open(team: string): Promise<void> {
    this.#change.value = { kind: 'idle' };
    let after: string | null = null;
    for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
      const answer: ApiAnswer<MemberList> = await this.#people.list({ ...EVERYBODY, team }, after);
      if (answer.kind === 'failed') return;
      this.#learn(answer.value.members);
      after = answer.value.next ?? null;
      if (after === null) return;
    }
  }

  membersOf(team: string): readonly Member[] {
    return [...this.#known.value.values()].filter(({ teams }) => teams.includes(team));
  }

  async add(team: string, member: Member): Promise<void> {
    if (member.teams.length >= LABELS_MAX) this.#change.value = { kind: 'full', member };
    else await this.#edit(member, [...member.teams, team], 'added');
  }

  async remove(team: string, member: Member): Promise<void> {
    await this.#edit(member, member.teams.filter((each) => each !== team), 'removed');
  }

  async #edit(member: Member, teams: string[], done: 'added' | 'removed'): Promise<void> {
    if (this.#change.value.kind === 'working') return;
    this.#change.value = { kind: 'working', id: member.id };
    const answer = await this.#people.edit(member.id, { teams }, `"${member.revision}"`);
    if (answer.kind === 'ok') {
      this.#learn([answer.value]);
      this.#change.value = { kind: done, member: answer.value };
    } else if (answer.why === 'changed_meanwhile') {
      const newest = await this.#people.read(member.id);
      if (newest.kind === 'ok') this.#learn([newest.value]);
      this.#change.value = { kind: 'overtaken', member };
    } else {
      this.#change.value = { kind: 'failed', why: answer.why };
    }
  }

  async #read(filter: MemberFilter, begin: ReadonlyMap<string, Member>): Promise<void> {
    const round = (this.#round += 1);
    this.#reading.value = { kind: 'reading' };
    const known = new Map(begin);
    for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
      const answer = await this.#people.list(filter, this.#next);
      if (round !== this.#round) return;
      if (answer.kind === 'failed') {
        // What was read before it stays: where a passkey is asked for, the first pages are shown without one.
        if (known.size > this.#known.value.size) this.#known.value = known;
        this.#reading.value = { kind: 'failed', why: answer.why };
        return;
      }
      for (const member of answer.value.members) known.set(member.id, member);
      this.#next = answer.value.next ?? null;
      if (this.#next === null) break;
    }
    this.#known.value = known;
    this.#reading.value = { kind: 'read', isAll: this.#next === null, asOf: this.#now() };
  }

  #learn(members: readonly Member[]): void {
    const known = new Map(this.#known.value);
    for (const member of members) known.set(member.id, member);
    this.#known.value = known;
  }
}

function countTeams(members: Iterable<Member>): readonly Team[] {
  const counts = new Map<string, number>();
  for (const { teams } of members) for (const team of teams) counts.set(team, (counts.get(team) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => a.name.localeCompare(b.name));
}
