import { isAfter, type ReadMark } from '../model/team_unread.ts';
import { READ_MARKS_KEY } from '../model/kept_keys.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isCount, isRecord } from '../protocol/shape.ts';

export type Marks = ReadonlyMap<string, ReadMark>;

/** How far each channel was read on this device. */
export class ReadMarks {
  readonly #values: LocalValues;
  readonly #changed: (marks: Marks) => void;
  #member: string | null = null;
  #marks: Marks = new Map();

  constructor(values: LocalValues, changed: (marks: Marks) => void) {
    this.#values = values;
    this.#changed = changed;
  }

  memberChanged(member: string | null): void {
    this.#member = member;
    this.#marks = member === null ? new Map() : parse(this.#values.get(READ_MARKS_KEY), member);
    this.#changed(this.#marks);
  }

  has(channel: string): boolean {
    return this.#marks.has(channel);
  }

  /** It is read up to there. A mark never moves back. */
  read(channel: string, { generation, offset }: ReadMark): void {
    const before = this.#marks.get(channel);
    if (this.#member === null || (before !== undefined && !isAfter({ generation, offset }, before))) return;
    this.#marks = new Map([...this.#marks, [channel, { generation, offset }]]);
    this.#values.set(READ_MARKS_KEY, JSON.stringify({ of: this.#member, marks: [...this.#marks] }));
    this.#changed(this.#marks);
  }
}

function parse(text: string | null, member: string): Marks {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(kept) || kept['of'] !== member || !Array.isArray(kept['marks'])) return new Map();
    return new Map(kept['marks'].flatMap(parseMark));
  } catch {
    return new Map();
  }
}

function parseMark(value: unknown): [string, ReadMark][] {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !isRecord(value[1])) return [];
  const { generation, offset } = value[1];
  return isCount(generation) && isCount(offset) ? [[value[0], { generation, offset }]] : [];
}
