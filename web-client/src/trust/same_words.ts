import type { Bulletin } from '../model/bulletin.ts';
import { parseBulletin } from '../protocol/parse_bulletin.ts';
import type { Statement } from './statement.ts';

/** What a statement says, read as the noticeboard reads a bulletin. `null`: nothing that this app could show. */
export function bulletinIn(statement: Statement): Bulletin | null {
  return parseBulletin(statement);
}

/** Whether two bulletins show the same, in whatever order it was written. All that is shown is compared. */
export function saysTheSame(a: Bulletin, b: Bulletin): boolean {
  return canonical(shownOf(a)) === canonical(shownOf(b));
}

function shownOf(bulletin: Bulletin): Omit<Bulletin, 'signed'> {
  const { signed: _unchecked, ...shown } = bulletin;
  return shown;
}

/** JSON with the names in order (as RFC 8785 has it for what we compare: texts, whole numbers and degrees). */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}
