import { ANSWERS_KEY } from '../../../model/kept_keys.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import { isRecord } from '../../../protocol/shape.ts';

/** An answer that is being written, or that waits to be sent. */
export interface KeptAnswer {
  /** The service takes it once under this, however often it is sent. */
  readonly id: string;
  readonly text: string;
  /** The revision to which it was sent, if nobody knows what became of it: another text is another answer then. */
  readonly triedTo: string | null;
}

/** Conversations with an unfinished answer; of more, the one that was written at least lately loses it. */
const ANSWERS_MAX = 100;

/** Unfinished answers of one organiser, one for each conversation. Each keystroke is kept. */
export class KeptAnswers {
  readonly #values: LocalValues;
  readonly #member: string;
  readonly #randomId: () => string;

  constructor(values: LocalValues, member: string, randomId: () => string) {
    this.#values = values;
    this.#member = member;
    this.#randomId = randomId;
  }

  get(conversation: string): KeptAnswer | null {
    return this.#all().get(conversation) ?? null;
  }

  write(conversation: string, text: string): KeptAnswer | null {
    const before = this.get(conversation);
    if (text === '') {
      this.remove(conversation);
      return null;
    }
    const isSame = before !== null && (before.triedTo === null || before.text === text);
    return this.#put(conversation, isSame ? { ...before, text } : { id: this.#randomId(), text, triedTo: null });
  }

  tried(conversation: string, tag: string): void {
    const answer = this.get(conversation);
    if (answer !== null) this.#put(conversation, { ...answer, triedTo: tag });
  }

  remove(conversation: string): void {
    const answers = this.#all();
    if (answers.delete(conversation)) this.#keep(answers);
  }

  #put(conversation: string, answer: KeptAnswer): KeptAnswer {
    const answers = this.#all();
    answers.delete(conversation);
    answers.set(conversation, answer);
    this.#keep(new Map([...answers].slice(-ANSWERS_MAX)));
    return answer;
  }

  #keep(answers: ReadonlyMap<string, KeptAnswer>): void {
    if (answers.size === 0) this.#values.remove(ANSWERS_KEY);
    else this.#values.set(ANSWERS_KEY, JSON.stringify({ of: this.#member, answers: [...answers] }));
  }

  /** Another member's are none. */
  #all(): Map<string, KeptAnswer> {
    try {
      const kept: unknown = JSON.parse(this.#values.get(ANSWERS_KEY) ?? 'null');
      if (!isRecord(kept) || kept['of'] !== this.#member || !Array.isArray(kept['answers'])) return new Map();
      return new Map(kept['answers'].filter(isEntry));
    } catch {
      return new Map();
    }
  }
}

function isEntry(value: unknown): value is [string, KeptAnswer] {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !isRecord(value[1])) return false;
  const { id, text, triedTo } = value[1];
  return typeof id === 'string' && typeof text === 'string' && (triedTo === null || typeof triedTo === 'string');
}
