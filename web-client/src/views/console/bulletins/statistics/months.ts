import type { Bulletin, BulletinReceipts } from '../../../../protocol/api.gen.ts';

/** What was sent in a month, and how far it came: sums over bulletins, of nobody in particular. */
export interface Month {
  /** When it begins, by this device's clock. */
  readonly from: number;
  readonly sent: number;
  /** How often a bulletin was for somebody. */
  readonly addressed: number;
  readonly received: number;
  /** Of what is urgent alone: nothing else asks to be seen. */
  readonly asked: number;
  readonly acknowledged: number;
}

export interface Counted {
  readonly bulletin: Bulletin;
  readonly receipts: BulletinReceipts;
}

/** Each month from the first to the last in which something was sent, the first first. */
export function monthsOf(counted: readonly Counted[]): readonly Month[] {
  const months = new Map<number, Month>();
  for (const { bulletin, receipts } of counted) {
    const from = monthOf(sentAt(bulletin));
    const before = months.get(from) ?? emptyMonth(from);
    const isUrgent = bulletin.content.urgency === 'urgent';
    months.set(from, {
      from,
      sent: before.sent + 1,
      addressed: before.addressed + receipts.accepted.total,
      received: before.received + receipts.received.total,
      asked: before.asked + (isUrgent ? receipts.accepted.total : 0),
      acknowledged: before.acknowledged + (isUrgent ? receipts.acknowledged.total : 0),
    });
  }
  const begins = [...months.keys()];
  const all: Month[] = [];
  const last = Math.max(...begins);
  for (let from = Math.min(...begins); from <= last; from = monthOf(from, 1)) all.push(months.get(from) ?? emptyMonth(from));
  return all;
}

/** In percent, no more than all; `null` of nothing. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.min(100, (100 * part) / whole);
}

export function sentAt({ sent_at_ms: sentMs, created_at_ms: createdMs }: Bulletin): number {
  return sentMs ?? createdMs;
}

/** When the month of this moment begins, or the one so many months later. */
export function monthOf(time: number, later = 0): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth() + later, 1).getTime();
}

function emptyMonth(from: number): Month {
  return { from, sent: 0, addressed: 0, received: 0, asked: 0, acknowledged: 0 };
}
