import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import type { BulletinEntry } from '../../model/entry.ts';
import type { Story } from '../../model/story.ts';
import type { TrustState } from '../../trust/keeper.ts';
import { FAULTS, type Verdict } from '../../trust/verdict.ts';
import { language } from '../../words/translator.ts';
import { TrustMark } from './trust_mark.tsx';

const ID = `b${'0'.repeat(31)}`;
const holder = (name: string, roles: readonly ('approver' | 'sender')[], regions?: string[]) => ({ key: name, name, roles: [...roles], from: 1, ...(regions && { regions }) });
const ana = holder('Ana', ['sender'], ['north']);
const signed: Verdict = { kind: 'signed', by: ana, approvedBy: holder('Ben', ['approver']), override: false, isConfirmed: true, at: 1, channels: ['bulletins:region.north'] };
const ANCHOR = { fingerprint: 'F', since: 1, how: 'link' } as const;

function entry(id: string): BulletinEntry {
  const bulletin = {
    id, kind: 'update', texts: { en: { title: 'T', body: 'B' } }, signed: { statement: '{}', signatures: [], override: false, isTest: false },
  } as const;
  return { kind: 'bulletin', id, channel: 'bulletins:all', generation: 0, offset: 1, arrivedAt: 1, postedAt: 1, bulletin };
}

function show(verdicts: Readonly<Record<string, Verdict>>, { isPinned = false, anchor = ANCHOR as TrustState['anchor'], withdrawal = null as BulletinEntry | null } = {}): Element | null {
  const current = entry(ID);
  const story: Story = { kind: 'bulletin', id: ID, first: current, current, earlier: [], withdrawal, arrivedAt: 1 };
  const state: TrustState = { anchor, manifest: null, refused: { offer: null, link: null }, verdicts: new Map(Object.entries(verdicts)) };
  render(<TrustMark state={state} story={story} now={1} isPinned={isPinned} />, document.body);
  return document.body.firstElementChild;
}

const text = (): string => document.body.textContent ?? '';

afterEach(() => {
  render(null, document.body);
  language.value = 'en';
});

describe('the mark of a bulletin', () => {
  it('has its place before it is known who signed, and says who in the same place', () => {
    expect(show({})?.className).toBe('trust');
    expect(text()).toBe('Checking who signed this …');
    expect(show({ [ID]: signed })?.className).toBe('trust trust-signed');
    expect(document.querySelector('summary')?.textContent).toBe('✓Signed by Ana');
    expect(text()).toContain('Ana – sender – north');
    expect(text()).toContain('Ben – approver – all regions');
  });

  it('says when one person sent it in an emergency, and when nothing tells whether one is missing', () => {
    if (signed.kind !== 'signed') return;
    show({ [ID]: { ...signed, approvedBy: null, override: true, channels: [] } });
    expect(document.querySelector('summary')?.textContent).toBe('!Signed by Ana alone, in an emergency');
    expect(text()).toContain('Whether one like it is missing, this phone cannot tell.');
  });

  it('does not pass for good before somebody confirmed whose list it is', () => {
    if (signed.kind !== 'signed') return;
    show({ [ID]: { ...signed, isConfirmed: false } }, { anchor: null });
    expect(document.querySelector('.trust-signed')).toBeNull();
    expect(document.querySelector('a')?.getAttribute('href')).toBe('#me/trust');
  });

  it.each(FAULTS)('is loud about %s in both languages: says what is wrong and what to do', (why) => {
    for (const each of ['en', 'cy'] as const) {
      language.value = each;
      expect(show({ [ID]: { kind: 'bad', why } })?.getAttribute('role')).toBe('alert');
      expect(document.querySelectorAll('p')).toHaveLength(3);
    }
  });

  it('alarms nobody but about what is wrong', () => {
    show({ [ID]: { kind: 'unsigned', isLoud: true } });
    expect(text()).toContain('Nobody signed this.');
    for (const verdict of [signed, { kind: 'unchecked' }, { kind: 'unsigned', isLoud: false }] as const) {
      show({ [ID]: verdict });
      expect(document.querySelector('[role=alert]')).toBeNull();
    }
  });

  it('says nothing where nobody signs', () => {
    expect(show({ [ID]: { kind: 'unsigned', isLoud: false } }, { anchor: null })).toBeNull();
  });

  it('is loud about the words that take a bulletin back, too', () => {
    show({ [ID]: signed, [`${ID}.withdrawn`]: { kind: 'unsigned', isLoud: true } }, { withdrawal: entry(`${ID}.withdrawn`) });
    expect(text()).toContain('This is about the words that take the bulletin back');
  });

  it('says who took a bulletin back beside who said it', () => {
    if (signed.kind !== 'signed') return;
    const back: Verdict = { ...signed, by: holder('Ben', ['approver']), approvedBy: null };
    const verdicts = { [ID]: signed, [`${ID}.withdrawn`]: back };
    show(verdicts, { withdrawal: entry(`${ID}.withdrawn`) });
    expect([...document.querySelectorAll('summary')].map((each) => each.textContent)).toEqual(['✓Taken back, signed by Ben', '✓Signed by Ana']);
    show({ ...verdicts, [`${ID}.withdrawn`]: { ...back, isConfirmed: false } }, { withdrawal: entry(`${ID}.withdrawn`) });
    expect(text()).not.toContain('Taken back');
  });

  it('above the board says only what is wrong', () => {
    expect(show({ [ID]: signed }, { isPinned: true })).toBeNull();
    expect(show({ [ID]: { kind: 'bad', why: 'altered' } }, { isPinned: true })?.className).toBe('trust-bad');
  });
});
