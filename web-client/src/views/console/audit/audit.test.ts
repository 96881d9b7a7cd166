import { afterEach, describe, expect, it } from 'vitest';
import type { LocalValues } from '../../../platform/local_values.ts';
import { FakeApi } from '../../../testing/fake_api.ts';
import { settle } from '../../../testing/settle.ts';
import { language } from '../../../words/translator.ts';
import { AuditModel, actorKey, asJsonLines } from './audit_model.ts';
import { actionWords, sentenceOf } from './audit_sentence.ts';
import type { AuditEntry, AuditHead } from './audit_shape.ts';
import { checkHead } from './check_head.ts';
import { differenceOf } from './difference.ts';
import { HEADS_KEPT_MAX, KeptHeads, compare } from './kept_heads.ts';
import { VerifyModel } from './verify_model.ts';

const CHAIN = 'A'.repeat(22);
const hash = (digit: number): string => digit.toString(16).padStart(64, '0');

function entry(seq: number, change: Partial<AuditEntry> = {}): AuditEntry {
  const at = 1_795_687_200_000 + seq;
  const chained = { seq, at, chain: CHAIN, previous: hash(seq - 1), hash: hash(seq) };
  return { ...chained, who: { member: 'ada' }, action: 'member.edited', about: 'bob', ...change };
}

function head(lines: number, change: Partial<AuditHead> = {}): AuditHead {
  return { chain: CHAIN, lines, hash: hash(lines), at: 1_795_687_200_000, signature: 'AA', public_key: 'AA', ...change };
}

function values(): LocalValues {
  const all = new Map<string, string>();
  return { get: (key) => all.get(key) ?? null, set: (key, value) => void all.set(key, value), remove: (key) => void all.delete(key) };
}

const NEXT = `2026-11-26.1.1.${CHAIN}`;
const OTHER = `2026-11-25.1.1.${CHAIN}`;

afterEach(() => {
  language.value = 'en';
});

describe('the audit', () => {
  it('is read page by page, the latest first', async () => {
    const api = new FakeApi().answers({ entries: [entry(3)], next: NEXT }, { entries: [entry(2)] });
    const model = new AuditModel(api, () => 7);
    await model.load();
    await model.loadOlder();
    await model.loadOlder();
    expect(model.shown.value.map(({ seq }) => seq)).toEqual([3, 2]);
    expect(api.paths).toEqual(['GET /v1/audit?limit=100', `GET /v1/audit?limit=100&after=${NEXT}`]);
    expect(model.entries.value).toMatchObject({ kind: 'loaded', asOf: 7, more: { kind: 'none' } });
  });

  it('keeps what was loaded when older entries do not come, and asks again', async () => {
    const api = new FakeApi().answers({ entries: [entry(3)], next: NEXT }).fails('unreachable').answers({ entries: [], next: OTHER });
    const model = new AuditModel(api, () => 0);
    await model.load();
    await model.loadOlder();
    expect(model.entries.value).toMatchObject({ more: { kind: 'failed', why: 'unreachable' } });
    await model.loadOlder();
    expect(model.entries.value).toMatchObject({ more: { kind: 'some', after: OTHER } });
    expect(model.shown.value).toHaveLength(1);
  });

  it('asks the service for a day, and drops an answer to what was asked before', async () => {
    const api = new FakeApi();
    const late = api.answersLater();
    api.answers({ entries: [entry(9)] });
    const model = new AuditModel(api, () => 0);
    void model.load();
    model.choose({ since: 1_795_000_000_000 });
    await settle();
    late({ entries: [entry(1)] });
    await settle();
    expect(model.shown.value.map(({ seq }) => seq)).toEqual([9]);
    expect(api.paths[1]).toBe('GET /v1/audit?limit=100&since=1795000000000');
  });

  it('looks for what and by whom among what was loaded, and leaves out what the service does by itself', async () => {
    const entries = [
      entry(4, { who: 'system', action: 'head.signed' }),
      entry(3, { who: { operator: 0 }, action: 'posture.ordered' }),
      entry(2, { action: 'import.done' }),
      entry(1),
    ];
    const model = new AuditModel(new FakeApi().answers({ entries }), () => 0);
    await model.load();
    const seqs = (): number[] => model.shown.value.map(({ seq }) => seq);
    expect(seqs()).toEqual([3, 2, 1]);
    model.choose({ withSystem: true });
    expect(seqs()).toEqual([4, 3, 2, 1]);
    model.choose({ actor: actorKey({ member: 'ada' }) });
    expect(seqs()).toEqual([2, 1]);
    model.choose({ action: 'import.done' });
    expect(seqs()).toEqual([2]);
    expect(model.choices.value.actors).toEqual(['system', { operator: 0 }, { member: 'ada' }]);
  });

  it('shows what a later service does as it is called', async () => {
    const api = new FakeApi().answers({ entries: [entry(1, { action: 'moon.landed' })] });
    const model = new AuditModel(api, () => 0);
    await model.load();
    const [later] = model.shown.value;
    expect(later && sentenceOf(later, 'nobody')).toBe('Member ada: moon.landed bob');
    expect(actionWords('moon.landed')).toBe('moon.landed');
  });

  it('is saved line by line', async () => {
    expect(await asJsonLines([entry(2), entry(1)]).text()).toMatch(/^\{"seq":2.*\}\n\{"seq":1.*\}\n$/);
  });
});

describe('a sentence', () => {
  it('says who did what, in both languages', () => {
    expect(sentenceOf(entry(1), 'ada')).toBe('You changed what member bob may do');
    expect(sentenceOf(entry(1, { who: { operator: 1000 } }), 'ada')).toBe(
      'The operator of the machine (user 1000) changed what member bob may do',
    );
    expect(actionWords('posture.ordered')).toBe('Ordered a posture');
    language.value = 'cy';
    expect(sentenceOf(entry(1), 'ada')).toBe('Chi: newid yr hyn y caiff aelod bob ei wneud');
    expect(actionWords('posture.ordered')).toBe('Gorchymyn lefel');
  });
});

describe('a difference', () => {
  it('shows only what changed, field by field', () => {
    const before = { standing: 'active', roles: ['activist'], place: { region: 'a' } };
    const after = { standing: 'active', roles: ['activist', 'sender'], place: { region: 'b' } };
    expect(differenceOf(before, after)).toEqual([
      { field: 'roles', before: 'activist', after: 'activist, sender' },
      { field: 'place.region', before: 'a', after: 'b' },
    ]);
  });

  it('shows what came where nothing was', () => {
    expect(differenceOf(undefined, { file: 'report.md', cleared: null })).toEqual([
      { field: 'file', before: null, after: 'report.md' },
    ]);
  });
});

describe('a kept head', () => {
  it('is met by an entry or an end, and says when either is another', () => {
    expect(compare(head(3), [head(9)], [entry(3)])).toBe('same');
    expect(compare(head(3), [head(9)], [entry(3, { hash: hash(77) })])).toBe('changed');
    expect(compare(head(3), [head(3)], [])).toBe('same');
    expect(compare(head(3), [head(3, { hash: hash(77) })], [])).toBe('changed');
    expect(compare(head(3), [head(2)], [])).toBe('cut');
    expect(compare(head(3), [head(9)], [])).toBe('not-seen');
    expect(compare(head(3), [head(9, { chain: 'B'.repeat(22) })], [])).toBe('not-seen');
  });

  it('stays, however many come after it, and no more than a device keeps', () => {
    const kept = new KeptHeads(values());
    for (let lines = 1; lines <= HEADS_KEPT_MAX + 5; lines += 1) kept.keep(head(lines));
    kept.keep(head(HEADS_KEPT_MAX + 5));
    expect(kept.all()).toHaveLength(HEADS_KEPT_MAX);
    expect(kept.all()[0]).toEqual(head(1));
    expect(kept.all().at(-1)).toEqual(head(HEADS_KEPT_MAX + 5));
  });

  it('is not lost to a value that cannot be read', () => {
    const broken = values();
    broken.set('holdfast.audit_heads', '{');
    expect(new KeptHeads(broken).all()).toEqual([]);
  });
});

describe('the signature of a head', () => {
  it('is checked with the key that came with it', async () => {
    const { subtle } = globalThis.crypto;
    const pair = await subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    if (!('privateKey' in pair)) throw new Error('no key pair');
    const { x = '' } = await subtle.exportKey('jwk', pair.publicKey);
    const unsigned = head(4, { public_key: x });
    const words = `holdfast signed 1 audit\nhead 1\n${CHAIN}\n4\n${unsigned.hash}\n${unsigned.at}\n`;
    const made = new Uint8Array(await subtle.sign('Ed25519', pair.privateKey, new TextEncoder().encode(words)));
    const signature = btoa(String.fromCharCode(...made)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    expect(await checkHead({ ...unsigned, signature }, subtle)).toBe('good');
    expect(await checkHead({ ...unsigned, signature, lines: 5 }, subtle)).toBe('bad');
    expect(await checkHead({ ...unsigned, signature }, undefined)).toBe('unknown');
  });

  it('that is read again and again is kept, and compared with what was kept before', async () => {
    const api = new FakeApi().answers(head(3), head(5));
    const model = new VerifyModel(api, new KeptHeads(values()), undefined, () => 9);
    await model.readHead();
    expect(model.kept.value).toEqual([]);
    await model.readHead();
    expect(model.kept.value).toEqual([head(3)]);
    expect(model.head.value).toMatchObject({ kind: 'read', signed: 'unknown', readAt: 9 });
  });
});
