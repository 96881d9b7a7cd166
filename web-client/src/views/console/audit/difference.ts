import { isRecord } from '../../../protocol/shape.ts';

/** One thing that an entry says: how it was, how it is. `null`: it was, or is, not there. */
export interface Change {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Fields that one entry shows; what is beyond is in the file that can be saved. */
export const CHANGES_SHOWN_MAX = 40;

/** What differs, field by field. Where only one side is known, all of that side. */
export function differenceOf(before: unknown, after: unknown): readonly Change[] {
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  const fields = [...new Set([...was.keys(), ...is.keys()])];
  const changes = fields.map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }));
  return changes.filter((change) => change.before !== change.after).slice(0, CHANGES_SHOWN_MAX);
}

/** Each value that is no object, by the names that lead to it. A list of plain values is one value. */
function fieldsOf(value: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  collect(value, '', fields);
  return fields;
}

function collect(value: unknown, path: string, fields: Map<string, string>): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value) && value.every((each) => !isRecord(each) && !Array.isArray(each))) {
    fields.set(path, value.join(', '));
    return;
  }
  if (typeof value === 'object') {
    for (const [name, inner] of Object.entries(value)) collect(inner, path === '' ? name : `${path}.${name}`, fields);
    return;
  }
  fields.set(path, String(value));
}
