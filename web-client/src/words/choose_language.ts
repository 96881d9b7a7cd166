import { batch, effect, signal } from '@preact/signals';
import { LANGUAGES, type Language } from '../model/language.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { LANGUAGE_KEY, ownLanguage } from './own_language.ts';
import { speak } from './spoken.ts';
import { language } from './translator.ts';

/** Resolves when there are words to show: the reader's, or the other language's if theirs do not come. */
export async function startLanguage(values: LocalValues, browserLanguages: readonly string[]): Promise<void> {
  const own = ownLanguage(values, browserLanguages);
  language.value = await speak(own).then(
    () => own,
    () => another(own),
  );
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

const AGAIN_MS = 3_000;

/** Chosen, and its words are still to come. */
export const awaitedLanguage = signal<Language | null>(null);

/** The choice is kept at once, and followed when its words are here: until then, the page stays as it is. */
export async function chooseLanguage(values: LocalValues, chosen: Language): Promise<void> {
  values.set(LANGUAGE_KEY, chosen);
  awaitedLanguage.value = chosen;
  while (awaitedLanguage.value === chosen) {
    const isHere = await speak(chosen).then(
      () => true,
      () => false,
    );
    if (isHere) return follow(chosen);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function follow(chosen: Language): void {
  if (awaitedLanguage.value !== chosen) return;
  batch(() => {
    language.value = chosen;
    awaitedLanguage.value = null;
  });
}

async function another(own: Language): Promise<Language> {
  const other = LANGUAGES.find((each) => each !== own) ?? own;
  await speak(other);
  return other;
}
