import { signal, type ReadonlySignal } from '@preact/signals';
import type { ApiAnswer } from '../../../account/api.ts';
import { EVERYBODY, type MemberFilter } from '../../../account/people.ts';
import type { MemberList } from '../../../protocol/api.gen.ts';

export interface Organiser {
  readonly id: string;
  /** `null`: they have none, or who looks may not know it. */
  readonly name: string | null;
}

const ORGANISING = ['admin', 'approver', 'sender'] as const;

/** Who may see to a conversation. Admins know all of them; others know whom they met in conversations. */
export class OrganiserNames {
  readonly organisers: ReadonlySignal<readonly Organiser[]>;
  readonly #organisers = signal<readonly Organiser[]>([]);

  constructor() {
    this.organisers = this.#organisers;
  }

  async load(people: { list(filter: MemberFilter, after: string | null): Promise<ApiAnswer<MemberList>> }): Promise<void> {
    for (const role of ORGANISING) {
      const answer = await people.list({ ...EVERYBODY, role, standing: 'active' }, null);
      if (answer.kind === 'ok') this.#learn(answer.value.members.map(({ id, name }) => ({ id, name: name ?? null })));
    }
  }

  met(ids: readonly (string | null | undefined)[]): void {
    this.#learn(ids.flatMap((id) => (typeof id === 'string' ? [{ id, name: this.nameOf(id) }] : [])));
  }

  nameOf(id: string): string | null {
    return this.#organisers.value.find((each) => each.id === id)?.name ?? null;
  }

  #learn(organisers: readonly Organiser[]): void {
    const known = new Map(this.#organisers.value.map((each) => [each.id, each]));
    const before = known.size;
    let isNew = false;
    for (const organiser of organisers) {
      isNew ||= known.get(organiser.id)?.name !== organiser.name;
      known.set(organiser.id, organiser);
    }
    if (isNew || known.size !== before) this.#organisers.value = [...known.values()];
  }
}
