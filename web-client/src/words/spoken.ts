import { LANGUAGES, type Language } from '../model/language.ts';
import type * as english from './first.en.ts';
import type { SameWords } from './translator.ts';

type Words = { readonly [P in keyof typeof english]: SameWords<(typeof english)[P]> };

const SOURCES: { readonly [L in Language]: () => Promise<Words> } = {
  en: async () => import('./first.en.ts'),
  cy: async () => import('./first.cy.ts'),
};
const here: { [L in Language]?: Words } = {};
const coming: { [L in Language]?: Promise<void> } = {};

/** What the first load says in this language, once it came. */
export function spoken(language: Language): Words | undefined {
  return here[language];
}

/** Resolves when the app has its words in this language. What did not come is asked for again. */
export async function speak(language: Language): Promise<void> {
  coming[language] ??= SOURCES[language]().then(
    (words) => void (here[language] = words),
    (error: unknown) => {
      delete coming[language];
      throw error;
    },
  );
  return coming[language];
}

/** For what shows both at once. */
export async function speakAll(): Promise<void> {
  await Promise.all(LANGUAGES.map(speak));
}
