import type { BulletinReceipts } from '../../../../protocol/api.gen.ts';

export const STAGES = ['accepted', 'written', 'received', 'acknowledged'] as const;
export const COLUMNS = [...STAGES, 'not_reached'] as const;
/** Beside how far it came: what phones were notified of while the app may have been closed, and what they showed. */
export const NOTIFIED = ['pushed', 'shown'] as const;
export type Column = (typeof COLUMNS)[number] | (typeof NOTIFIED)[number];

/** How far a bulletin came in a region. `region` is `null` for all of them. */
export type Row = { readonly region: string | null } & { readonly [C in Column]: number };

export type SortBy = Column | 'region';
export interface Sorting {
  readonly by: SortBy;
  readonly isDown: boolean;
}

/** Where nobody was notified there is nothing to say of it. */
export function hasNotified({ pushed }: BulletinReceipts): boolean {
  return pushed !== undefined && pushed.total > 0;
}

export function columnsOf(receipts: BulletinReceipts): readonly Column[] {
  return hasNotified(receipts) ? [...COLUMNS, ...NOTIFIED] : COLUMNS;
}

export function totalOf(receipts: BulletinReceipts): Row {
  return rowOf(null, (stage) => receipts[stage]?.total ?? 0);
}

/** Whoever is in two regions counts in both, and whoever is in none in none: the rows need not add up. */
export function regionsOf(receipts: BulletinReceipts, { by, isDown }: Sorting): readonly Row[] {
  const regions = [...new Set(STAGES.flatMap((stage) => Object.keys(receipts[stage].regions)))];
  const rows = regions.map((region) => rowOf(region, (stage) => receipts[stage]?.regions[region] ?? 0));
  const order = (a: Row, b: Row): number => (by === 'region' ? compare(a.region, b.region) : a[by] - b[by] || compare(a.region, b.region));
  return rows.sort((a, b) => (isDown ? order(b, a) : order(a, b)));
}

/** As a spreadsheet reads it (RFC 4180), the whole first. A name that begins like a formula is made none. */
export function csvOf(receipts: BulletinReceipts, heads: readonly string[], whole: string): string {
  const rows = [totalOf(receipts), ...regionsOf(receipts, { by: 'region', isDown: false })];
  const lines = rows.map((row) => [row.region ?? whole, ...columnsOf(receipts).map((column) => String(row[column]))]);
  return [heads, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function rowOf(region: string | null, count: (stage: (typeof NOTIFIED | typeof STAGES)[number]) => number): Row {
  const [accepted, received] = [count('accepted'), count('received')];
  return {
    region,
    accepted,
    written: count('written'),
    received,
    acknowledged: count('acknowledged'),
    not_reached: Math.max(0, accepted - received),
    pushed: count('pushed'),
    shown: count('shown'),
  };
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
