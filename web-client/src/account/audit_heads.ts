import type { LocalValues } from '../platform/local_values.ts';
import type { NoticedHead } from '../protocol/parse_notice.ts';
import { isCount, isRecord } from '../protocol/shape.ts';

const HEADS_KEY = 'holdfast.audit_heads';
/** Each node has a chain of its own, and a fresh one with a fresh folder; of more, the oldest go. */
const CHAINS_MAX = 16;

/**
 * Where each chain of the audit ended when this device last heard of it. Kept where the owner of the machine does not
 * reach, it shows an end that was cut. It outlives a sign-out: nothing in it is about people.
 */
export class AuditHeads {
  readonly #values: LocalValues;

  constructor(values: LocalValues) {
    this.#values = values;
  }

  /** The latest of each chain, the one heard last first. */
  all(): readonly NoticedHead[] {
    try {
      const kept: unknown = JSON.parse(this.#values.get(HEADS_KEY) ?? '[]');
      return Array.isArray(kept) ? kept.filter(isHead) : [];
    } catch {
      return [];
    }
  }

  /** A shorter chain than the one that is kept does not replace it: that is what it is kept for. */
  keep(head: NoticedHead): void {
    const kept = this.all();
    const known = kept.find(({ chain }) => chain === head.chain);
    if (known !== undefined && known.lines >= head.lines) return;
    const heads = [head, ...kept.filter(({ chain }) => chain !== head.chain)].slice(0, CHAINS_MAX);
    this.#values.set(HEADS_KEY, JSON.stringify(heads));
  }
}

function isHead(value: unknown): value is NoticedHead {
  if (!isRecord(value) || !isCount(value['lines']) || !isCount(value['at'])) return false;
  return ['chain', 'hash', 'signature', 'publicKey'].every((name) => typeof value[name] === 'string');
}
