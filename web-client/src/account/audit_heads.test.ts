import { describe, expect, it } from 'vitest';
import { AuditHeads } from './audit_heads.ts';

function open(kept = new Map<string, string>()): AuditHeads {
  return new AuditHeads({ get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value), remove: (key) => void kept.delete(key) });
}

const head = (chain: string, lines: number) => ({ chain, lines, hash: `hash ${lines}`, at: lines, signature: 's', publicKey: 'p' });

describe('heads of the audit', () => {
  it('are the latest of each chain', () => {
    const heads = open();
    for (const each of [head('a', 1), head('b', 9), head('a', 2)]) heads.keep(each);
    expect(heads.all()).toEqual([head('a', 2), head('b', 9)]);
  });

  it('are not replaced by a shorter chain', () => {
    const heads = open();
    heads.keep(head('a', 5));
    heads.keep({ ...head('a', 3), hash: 'another' });
    expect(heads.all()).toEqual([head('a', 5)]);
  });

  it('are bounded, and none where what was kept cannot be read', () => {
    const heads = open();
    for (let at = 0; at < 40; at += 1) heads.keep(head(`c${at}`, 1));
    expect(heads.all()).toHaveLength(16);
    expect(open(new Map([['holdfast.audit_heads', '{']])).all()).toEqual([]);
  });
});
