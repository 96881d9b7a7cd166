import { SAVED_KEY } from '../model/kept_keys.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isRecord } from '../protocol/shape.ts';

/** Beyond so many, what was saved first is saved no longer. */
export const MAX_SAVED = 200;

/** Which bulletins a reader has saved on this device, by the id of their first version; the last saved comes first. */
export class Saved {
  readonly #values: LocalValues;
  readonly #changed: (ids: readonly string[]) => void;
  #ids: readonly string[] = [];
  #member: string | null = null;

  constructor(values: LocalValues, changed: (ids: readonly string[]) => void) {
    this.#values = values;
    this.#changed = changed;
  }

  memberChanged(member: string | null): void {
    this.#member = member;
    this.#show(this.#read());
  }

  toggle(id: string): void {
    const isSaved = this.#ids.includes(id);
    // What another tab saved stays.
    const others = this.#read().filter((each) => each !== id);
    const ids = isSaved ? others : [id, ...others].slice(0, MAX_SAVED);
    this.#values.set(SAVED_KEY, JSON.stringify({ of: this.#member, ids }));
    this.#show(ids);
  }

  #show(ids: readonly string[]): void {
    this.#ids = ids;
    this.#changed(ids);
  }

  #read(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(this.#values.get(SAVED_KEY) ?? 'null');
      if (this.#member === null || !isRecord(kept) || kept['of'] !== this.#member || !Array.isArray(kept['ids'])) return [];
      return kept['ids'].filter((id: unknown) => typeof id === 'string');
    } catch {
      return [];
    }
  }
}
