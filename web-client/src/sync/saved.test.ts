import { beforeEach, describe, expect, it } from 'vitest';
import { SAVED_KEY } from '../model/kept_keys.ts';
import { MAX_SAVED, Saved } from './saved.ts';

let values: Map<string, string>;
let ids: readonly string[];

beforeEach(() => {
  values = new Map();
});

function open(member: string | null): Saved {
  const kept = {
    get: (key: string) => values.get(key) ?? null,
    set: (key: string, value: string) => void values.set(key, value),
    remove: (key: string) => void values.delete(key),
  };
  const saved = new Saved(kept, (changed) => (ids = changed));
  saved.memberChanged(member);
  return saved;
}

function idsOf(member: string | null): readonly string[] {
  open(member);
  return ids;
}

describe('what is saved', () => {
  it('stays over a restart, the last first, until it is no longer', () => {
    const saved = open('m');
    saved.toggle('a');
    saved.toggle('b');
    expect(idsOf('m')).toEqual(['b', 'a']);
    saved.toggle('a');
    expect(idsOf('m')).toEqual(['b']);
  });

  it('is nobody else’s', () => {
    open('m').toggle('a');
    expect(idsOf('other')).toEqual([]);
    expect(idsOf(null)).toEqual([]);
  });

  it('keeps what another tab saved meanwhile', () => {
    const [one, other] = [open('m'), open('m')];
    one.toggle('a');
    other.toggle('b');
    expect(idsOf('m')).toEqual(['b', 'a']);
  });

  it('is bounded, and nothing where it cannot be read', () => {
    const saved = open('m');
    for (let n = 0; n <= MAX_SAVED; n += 1) saved.toggle(`b${n}`);
    expect(ids).toHaveLength(MAX_SAVED);
    expect(ids).not.toContain('b0');
    values.set(SAVED_KEY, '{');
    expect(idsOf('m')).toEqual([]);
  });
});
