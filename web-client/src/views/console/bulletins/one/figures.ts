import type { BulletinReceipts } from '../../../../protocol/api.gen.ts';

export const STAGES = ['accepted', 'written', 'received', 'acknowledged'] as const;
export const COLUMNS = [...STAGES, 'not_reached'] as const;
export type Column = (typeof COLUMNS)[number];

/** How far a bulletin came in a region. `region` is `null` for all of them. */
export type Row = { readonly region: string | null } & { readonly [C in Column]: number };

export type SortBy = Column | 'region';
export interface Sorting {
  readonly by: SortBy;
  readonly isDown: boolean;
}

export function totalOf(receipts: BulletinReceipts): Row {
  return rowOf(null, (stage) => receipts[stage].total);
}

/** Whoever is in two regions counts in both, and whoever is in none in none: the rows need not add up. */
export function regionsOf(receipts: BulletinReceipts, { by, isDown }: Sorting): readonly Row[] {
  const regions = [...new Set(STAGES.flatMap((stage) => Object.keys(receipts[stage].regions)))];
  const rows = regions.map((region) => rowOf(region, (stage) => receipts[stage].regions[region] ?? 0));
  const order = (a: Row, b: Row): number => (by === 'region' ? compare(a.region, b.region) : a[by] - b[by] || compare(a.region, b.region));
  return rows.sort((a, b) => (isDown ? order(b, a) : order(a, b)));
}

/** As a spreadsheet reads it (RFC 4180), the whole first. A name that begins like a formula is made none. */
export function csvOf(receipts: BulletinReceipts, heads: readonly string[], whole: string): string {
  const rows = [totalOf(receipts), ...regionsOf(receipts, { by: 'region', isDown: false })];
  const lines = rows.map((row) => [row.region ?? whole, ...COLUMNS.map((column) => String(row[column]))]);
  return [heads, ...lines].map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

function rowOf(region: string | null, count: (stage: (typeof STAGES)[number]) => number): Row {
  const [accepted, received] = [count('accepted'), count('received')];
  return {
    region,
    accepted,
    written: count('written'),
    received,
    acknowledged: count('acknowledged'),
    not_reached: Math.max(0, accepted - received),
  };
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '');
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
