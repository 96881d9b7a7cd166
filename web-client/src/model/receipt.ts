/** What this device knows of its receipts of one bulletin. Each field only ever moves on. */
export interface ReceiptRecord {
  readonly id: string;
  /** Whether the service knows that it is here. */
  readonly received: 'told' | 'waiting';
  /** Whether the reader has said that they have seen it, and the service knows; `null`: they have not. */
  readonly acknowledged: 'told' | 'waiting' | null;
}

const RANKS = [null, 'waiting', 'told'] as const;

/** What two tabs know together. */
export function mergedReceipt(a: ReceiptRecord, b: ReceiptRecord): ReceiptRecord {
  const isFurther = RANKS.indexOf(a.acknowledged) > RANKS.indexOf(b.acknowledged);
  return {
    id: a.id,
    received: a.received === 'told' ? 'told' : b.received,
    acknowledged: isFurther ? a.acknowledged : b.acknowledged,
  };
}
