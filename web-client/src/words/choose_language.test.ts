import { afterEach, describe, expect, it } from 'vitest';
import { awaitedLanguage, chooseLanguage } from './choose_language.ts';
import { LANGUAGE_KEY, ownLanguage } from './own_language.ts';
import { language } from './translator.ts';

const kept = new Map<string, string>();
const values = {
  get: (key: string) => kept.get(key) ?? null,
  set: (key: string, value: string) => void kept.set(key, value),
  remove: (key: string) => void kept.delete(key),
};

afterEach(() => {
  kept.clear();
  language.value = 'en';
});

describe('the reader’s own language', () => {
  it('is the last that they chose, else the first of the browser’s that we speak', () => {
    expect(ownLanguage(values, ['fr', 'cy-GB', 'en'])).toBe('cy');
    expect(ownLanguage(values, ['fr'])).toBe('en');
    kept.set(LANGUAGE_KEY, 'cy');
    expect(ownLanguage(values, ['en'])).toBe('cy');
    kept.set(LANGUAGE_KEY, 'tlh');
    expect(ownLanguage(values, ['cy'])).toBe('cy');
  });

  it('is kept as soon as it is chosen, and the last choice holds', async () => {
    const choices = [chooseLanguage(values, 'cy'), chooseLanguage(values, 'en'), chooseLanguage(values, 'cy')];
    expect(kept.get(LANGUAGE_KEY)).toBe('cy');
    await Promise.all(choices);
    expect([language.value, awaitedLanguage.value]).toEqual(['cy', null]);
  });
});
