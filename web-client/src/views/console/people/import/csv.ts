import Papa from 'papaparse';
import { isOneOf } from '../../../../protocol/shape.ts';

/** As the service has it: `IMPORT_MAX_BYTES`, `IMPORT_ROWS_MAX`. */
export const LIST_MAX_BYTES = 16 * 1024 * 1024;
export const LIST_MAX_ROWS = 200_000;

export const COLUMNS = ['reference', 'name', 'roles', 'regions', 'teams'] as const;

export interface ListRow {
  /** Of the file, from 1; the first is that of the columns. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface List {
  readonly columns: readonly string[];
  readonly rows: readonly ListRow[];
}

export type Unreadable =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'column-twice'; readonly column: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'no-reference' }
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'too-many-rows' };

export type ReadList = { readonly kind: 'list'; readonly list: List } | { readonly kind: 'unreadable'; readonly why: Unreadable };

export const OUTCOMES = ['added', 'present', 'joined', 'left', 'would_add', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the service says of one row. */
export interface Answered {
  readonly reference: string;
  readonly outcome: Outcome;
  readonly link: string;
  readonly reason: string;
}

/** A list of people out of a file. What a row means is for the service to say; what is no list at all is said here. */
export function readList(bytes: ArrayBuffer): ReadList {
  if (bytes.byteLength > LIST_MAX_BYTES) return unreadable({ kind: 'too-large' });
  const text = decoded(bytes);
  if (text === null) return unreadable({ kind: 'not-utf8' });
  const rows: ListRow[] = [];
  let columns: readonly string[] | null = null;
  let line = 1;
  let from = 0;
  let isTooLong = false;
  Papa.parse<string[]>(text, {
    delimiter: delimiterOf(text),
    step({ data, meta }, parser) {
      const at = line;
      line += linesIn(text, from, meta.cursor);
      from = meta.cursor;
      const cells = data;
      if (cells.length === 0 || (cells.length === 1 && cells[0] === '')) return;
      if (columns === null) columns = cells.map((cell) => cell.trim().toLowerCase());
      else rows.push({ line: at, cells });
      if (rows.length > LIST_MAX_ROWS) {
        isTooLong = true;
        parser.abort();
      }
    },
  });
  if (isTooLong) return unreadable({ kind: 'too-many-rows' });
  const named: readonly string[] = columns ?? [];
  if (named.length === 0) return unreadable({ kind: 'empty' });
  const strange = named.find((column) => !isOneOf(COLUMNS, column));
  if (strange !== undefined) return unreadable({ kind: 'column', column: strange });
  const twice = named.find((column, index) => named.indexOf(column) !== index);
  if (twice !== undefined) return unreadable({ kind: 'column-twice', column: twice });
  if (!named.includes('reference')) return unreadable({ kind: 'no-reference' });
  return rows.length === 0 ? unreadable({ kind: 'empty' }) : { kind: 'list', list: { columns: named, rows } };
}

/** Some rows of a list, as the service reads them. Each stays as it is, also one with too many cells. */
export function writeRows(list: List, rows: readonly ListRow[]): string {
  return Papa.unparse([[...list.columns], ...rows.map(({ cells }) => [...cells])]);
}

/** `null`: this is not what the service says of `count` rows. */
export function readAnswer(csv: string, count: number): readonly Answered[] | null {
  const { data } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
  if (data.length !== count) return null;
  const answered: Answered[] = [];
  for (const { reference, outcome, link, reason } of data) {
    if (reference === undefined || !isOneOf(OUTCOMES, outcome)) return null;
    answered.push({ reference, outcome, link: link ?? '', reason: reason ?? '' });
  }
  return answered;
}

/** A file for programs that also people open: no cell of it is taken for a formula. */
export function writeFile(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${Papa.unparse([[...columns], ...rows.map((row) => [...row])], { escapeFormulae: true })}\r\n`;
}

export const EXAMPLE = writeFile(COLUMNS, [
  ['0017', 'Siân Morgan', 'activist', 'north-wales', 'leaflets;drivers'],
  ['0018', 'Owen Price', 'activist;sender', 'cardiff', ''],
  ['0019', '', '', '', ''],
]);

export function cellOf(list: List, row: ListRow, column: (typeof COLUMNS)[number]): string {
  return row.cells[list.columns.indexOf(column)]?.trim() ?? '';
}

function unreadable(why: Unreadable): ReadList {
  return { kind: 'unreadable', why };
}

function decoded(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Spreadsheets of some languages put semicolons or tabs where others put commas. The line of the columns shows it. */
function delimiterOf(text: string): string {
  const first = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return [',', ';', '\t'].find((delimiter) => first.includes(delimiter)) ?? ',';
}

function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = from; at < to; at += 1) {
    const isEnd = text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n');
    if (isEnd) lines += 1;
  }
  return lines;
}
