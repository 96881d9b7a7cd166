import { safeParse, type GenericSchema } from 'valibot';
import type { Parse } from './shape.ts';

/** A parser of one of the contract's schemas. For pages that come when they are looked at: the first load has none. */
export function parser<T>(schema: GenericSchema<unknown, T>): Parse<T> {
  return (value) => {
    const parsed = safeParse(schema, value);
    return parsed.success ? parsed.output : null;
  };
}
