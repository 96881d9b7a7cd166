import { describe, expect, it } from 'vitest';
import type { Bulletin } from './bulletin.ts';
import { search, type Found } from './search.ts';
import type { Story } from './story.ts';

function story(id: string, texts: Bulletin['texts']): Story {
  const first = { kind: 'bulletin', id, channel: 'bulletins:all', generation: 0, offset: 1, arrivedAt: 1, postedAt: 1, bulletin: { id, kind: 'update', texts } } as const;
  return { kind: 'bulletin', id, first, current: first, earlier: [], withdrawal: null, arrivedAt: 1 };
}

const leaflets = story('a', {
  en: { title: 'Leaflets at the harbour', body: 'Come to **Harbour** Street at ten.\n\n- Bring a coat' },
  cy: { title: 'Taflenni wrth yr harbwr', body: 'Dewch i’r Stryd Fawr, tŷ rhif deg, gyda’ch dŵr.' },
});
const march = story('b', { en: { title: 'The march', body: 'Dŵr and a coat.' } });
const all = [leaflets, march];

const ids = (found: readonly Found[]): string => found.map(({ story }) => story.id).join('');
const shown = (found: Found | undefined): string[] =>
  [found?.title ?? [], found?.excerpt ?? []].map((pieces) => pieces.map(({ text, isHit }) => (isHit ? `[${text}]` : text)).join(''));

describe('looking for words', () => {
  it('finds bulletins that have all of them, wherever they stand, and the parts of words', () => {
    expect(ids(search(all, 'coat', 'en'))).toBe('ab');
    expect(ids(search(all, 'leaf coat', 'en'))).toBe('a');
    expect(ids(search(all, 'leaf march', 'en'))).toBe('');
    expect(ids(search(all, '   ', 'en'))).toBe('');
  });

  it('does not ask for accents, capitals or the right apostrophe', () => {
    expect(shown(search(all, 'TY DWR', 'cy')[0])).toEqual(['Taflenni wrth yr harbwr', 'Dewch i’r Stryd Fawr, [tŷ] rhif deg, gyda’ch [dŵr].']);
    expect(ids(search(all, "i'r stryd", 'cy'))).toBe('a');
    expect(ids(search(all, 'tŷ', 'cy'))).toBe('a');
  });

  it('looks into both languages, the reader’s own first, and shows the one that has it', () => {
    expect(search(all, 'harb', 'cy')[0]?.language).toBe('cy');
    expect(search(all, 'harbour', 'cy')[0]?.language).toBe('en');
  });

  it('marks each place, in words and not in signs of Markdown', () => {
    expect(shown(search(all, 'harbour', 'en')[0])).toEqual(['Leaflets at the [harbour]', 'Come to [Harbour] Street at ten. • Bring a coat']);
    expect(shown(search(all, 'har arb', 'en')[0])[0]).toBe('Leaflets at the [harb]our');
  });

  it('shows some words around the first place of a long text', () => {
    const long = story('c', { en: { title: 'Long', body: `${'word '.repeat(100)}needle${' more'.repeat(100)}` } });
    const [, excerpt = ''] = shown(search([long], 'needle', 'en')[0]);
    expect(excerpt).toMatch(/^… word .*\[needle\] more.* …$/);
    expect(excerpt.length).toBeLessThan(200);
  });

  it('keeps characters whole that are two code units, or become two letters', () => {
    const odd = story('d', { en: { title: '🌹 Rose ﬁre', body: 'İstanbul' } });
    expect(shown(search([odd], 'rose', 'en')[0])[0]).toBe('🌹 [Rose] ﬁre');
    expect(shown(search([odd], 'istan', 'en')[0])[1]).toBe('[İstan]bul');
  });
});
