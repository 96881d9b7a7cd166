import { DRAFTS_KEY } from '../model/kept_keys.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isRecord } from '../protocol/shape.ts';

/** Begun texts beyond this many are not kept over a reload; the one that was begun first goes. */
export const MAX_DRAFTS = 50;

/** What a member has begun to write, by where it is to go. Each keystroke is kept; nobody else sees it. */
export class Drafts {
  readonly #values: LocalValues;
  #member: string | null = null;
  #texts: ReadonlyMap<string, string> = new Map();

  constructor(values: LocalValues) {
    this.#values = values;
  }

  memberChanged(member: string | null): void {
    this.#member = member;
    this.#texts = member === null ? new Map() : parse(this.#values.get(DRAFTS_KEY), member);
  }

  get(where: string): string {
    return this.#texts.get(where) ?? '';
  }

  set(where: string, text: string): void {
    if (this.#member === null) return;
    // What another tab wrote elsewhere stays.
    const texts = new Map(parse(this.#values.get(DRAFTS_KEY), this.#member));
    texts.delete(where);
    if (text !== '') texts.set(where, text);
    for (const first of [...texts.keys()].slice(0, Math.max(0, texts.size - MAX_DRAFTS))) texts.delete(first);
    this.#texts = texts;
    this.#values.set(DRAFTS_KEY, JSON.stringify({ of: this.#member, texts: [...texts] }));
  }
}

function parse(text: string | null, member: string): ReadonlyMap<string, string> {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(kept) || kept['of'] !== member || !Array.isArray(kept['texts'])) return new Map();
    return new Map(kept['texts'].filter(isPair));
  } catch {
    return new Map();
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
}
