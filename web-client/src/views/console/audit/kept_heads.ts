import * as v from 'valibot';
import { AuditHead as HeadSchema } from '../../../protocol/api.gen.ts';
import type { LocalValues } from '../../../platform/local_values.ts';
import type { AuditEntry, AuditHead } from './audit_shape.ts';

/** Heads that a device keeps; the oldest but the first goes for one more, so that the long view stays. */
export const HEADS_KEPT_MAX = 50;
const KEY = 'holdfast.audit_heads';
const Heads = v.array(HeadSchema);

/** What a kept head says of what the service shows now. */
export type Comparison =
  /** A line with that number has that hash. */
  | 'same'
  /** A line with that number has another hash: what came before was changed. */
  | 'changed'
  /** The chain is shorter now than it was: its end was cut. */
  | 'cut'
  /** The line is not among what was looked at. */
  | 'not-seen';

/** Where chains ended when this device looked, kept where the owner of the service does not reach. */
export class KeptHeads {
  readonly #values: LocalValues;

  constructor(values: LocalValues) {
    this.#values = values;
  }

  all(): readonly AuditHead[] {
    try {
      const parsed = v.safeParse(Heads, JSON.parse(this.#values.get(KEY) ?? '[]'));
      return parsed.success ? parsed.output : [];
    } catch {
      return [];
    }
  }

  keep(head: AuditHead): void {
    const all = this.all();
    if (all.some(({ chain, lines, hash }) => chain === head.chain && lines === head.lines && hash === head.hash)) return;
    const kept = [...all, head];
    if (kept.length > HEADS_KEPT_MAX) kept.splice(1, 1);
    this.#values.set(KEY, JSON.stringify(kept));
  }
}

/** The last line of a chain, as the service says now. */
export type End = Pick<AuditHead, 'chain' | 'hash' | 'lines'>;

export function compare(kept: End, ends: readonly End[], entries: readonly AuditEntry[]): Comparison {
  for (const end of ends.filter(({ chain }) => chain === kept.chain)) {
    if (end.lines < kept.lines) return 'cut';
    if (end.lines === kept.lines) return end.hash === kept.hash ? 'same' : 'changed';
  }
  const line = entries.find(({ chain, seq }) => chain === kept.chain && seq === kept.lines);
  if (line === undefined) return 'not-seen';
  return line.hash === kept.hash ? 'same' : 'changed';
}

/** What `holdfast audit verify --heads` reads. */
export function headsAsJsonLines(heads: readonly AuditHead[]): Blob {
  return new Blob(heads.map((head) => `${JSON.stringify(head)}\n`), { type: 'application/jsonl' });
}
