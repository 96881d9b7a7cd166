import { describe, expect, it } from 'vitest';
import type { LocalValues } from '../platform/local_values.ts';
import { Drafts, MAX_DRAFTS } from './drafts.ts';

function memory(): LocalValues {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}

function draftsOf(member: string, values: LocalValues): Drafts {
  const drafts = new Drafts(values);
  drafts.memberChanged(member);
  return drafts;
}

describe('drafts', () => {
  it('are there after the app was closed, for who wrote them alone', () => {
    const values = memory();
    draftsOf('m_1', values).set('reply general', 'Half a sen');
    expect(draftsOf('m_1', values).get('reply general')).toBe('Half a sen');
    expect(draftsOf('m_2', values).get('reply general')).toBe('');
  });

  it('of two tabs do not take each other’s place', () => {
    const values = memory();
    const [one, two] = [draftsOf('m_1', values), draftsOf('m_1', values)];
    one.set('a', 'first');
    two.set('b', 'second');
    expect(draftsOf('m_1', values).get('a')).toBe('first');
  });

  it('beyond the bound take the place of the oldest', () => {
    const values = memory();
    const drafts = draftsOf('m_1', values);
    for (let n = 0; n <= MAX_DRAFTS; n += 1) drafts.set(`team ${n}`, 'text');
    expect(drafts.get('team 0')).toBe('');
    expect(drafts.get(`team ${MAX_DRAFTS}`)).toBe('text');
  });
});
