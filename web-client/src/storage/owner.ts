import type { Member } from '../model/session.ts';
import { parseMember } from '../protocol/parse_session.ts';

/** What a transaction has to read to know whose the database is. */
interface Facts {
  get(key: string): Promise<unknown>;
}

/**
 * Whose data this page takes the database for. Another tab may have given it to someone else, so every write asks
 * within its own transaction.
 */
export class Owner {
  readonly #changed: () => void;
  #id: string | null = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  set(member: Member | null): void {
    this.#id = member?.id ?? null;
  }

  /** `false`: nothing of this page may be written there any more. */
  async stillHas(facts: Facts): Promise<boolean> {
    const member = parseMember(await facts.get('member'));
    if ((member?.id ?? null) === this.#id) return true;
    this.#changed();
    return false;
  }
}
