/// <reference types="vite/client" />
import { afterEach, describe, expect, it } from 'vitest';
import { t } from './app_words.ts';
import { i } from './console/invites_words.ts';
import { momentWords } from './times.ts';
import { chooseForm, formatNumber, language, type Catalogue } from './translator.ts';

const english = import.meta.glob<Catalogue>('./**/*.en.json', { eager: true, import: 'default' });
const welsh = import.meta.glob<Catalogue>('./**/*.cy.json', { eager: true, import: 'default' });
const pairs = Object.entries(english).map(([path, en]): [string, Catalogue, Catalogue] => [
  path.slice(2, -'.en.json'.length),
  en,
  welsh[path.replace('.en.', '.cy.')] ?? {},
]);
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

afterEach(() => {
  language.value = 'en';
});

describe.each(pairs)('the words of %s', (_name, en, cy) => {
  it('are the same in both languages, with the same places to fill', () => {
    expect(Object.keys(cy).sort()).toEqual(Object.keys(en).sort());
    for (const [key, english] of Object.entries(en)) {
      const welsh = cy[key] ?? '';
      expect([key, placeholders(chooseForm(welsh, 'cy', 5))]).toEqual([key, placeholders(chooseForm(english, 'en', 5))]);
    }
  });

  it('have every form that Welsh counts with', () => {
    const needed = new Intl.PluralRules('cy').resolvedOptions().pluralCategories.toSorted();
    for (const words of Object.values(cy)) {
      if (typeof words !== 'string') expect(Object.keys(words).sort()).toEqual(needed);
    }
  });
});

describe('counted words', () => {
  it('follow the count in English', () => {
    expect(t.counted('feed.older', 1)).toBe('Show 1 older bulletin');
    expect(t.counted('feed.older', 2)).toBe('Show 2 older bulletins');
    expect(i.counted('days', 7)).toBe('7 days');
  });

  it('mutate after two in Welsh', () => {
    language.value = 'cy';
    expect(t.counted('feed.older', 1)).toBe('Dangos 1 bwletin hŷn');
    expect(t.counted('feed.older', 2)).toBe('Dangos 2 fwletin hŷn');
    expect(i.counted('days', 2)).toBe('2 ddiwrnod');
    expect(i.counted('days', 30)).toBe('30 diwrnod');
  });

  it('write large numbers as people do', () => {
    expect(formatNumber(12_345, 'en')).toBe('12,345');
  });
});

describe('moments', () => {
  const now = new Date(2026, 10, 23, 12, 0).getTime();

  it('are as short as they can be', () => {
    expect(momentWords(new Date(2026, 10, 23, 9, 5).getTime(), now)).toBe('Today 09:05');
    expect(momentWords(new Date(2026, 10, 22, 23, 59).getTime(), now)).toBe('Yesterday 23:59');
    expect(momentWords(new Date(2026, 10, 1, 7, 0).getTime(), now)).toBe('1 Nov, 07:00');
    expect(momentWords(new Date(2025, 10, 1, 7, 0).getTime(), now)).toBe('1 Nov 2025, 07:00');
  });

  it('name the months in Welsh, in every browser', () => {
    language.value = 'cy';
    expect(momentWords(new Date(2026, 10, 1, 7, 0).getTime(), now)).toBe('1 Tach, 07:00');
    expect(t('time.months').split(' ')).toHaveLength(12);
  });
});
