import { effect } from '@preact/signals';
import type { Language } from '../model/bulletin.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isLanguage, language } from './translator.ts';

const KEY = 'holdfast.language';

/** The reader's last choice, else the first of the browser's languages that we speak. */
export function startLanguage(values: LocalValues, browserLanguages: readonly string[]): void {
  const chosen = values.get(KEY);
  language.value = isLanguage(chosen) ? chosen : preferred(browserLanguages);
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

export function chooseLanguage(values: LocalValues, chosen: Language): void {
  language.value = chosen;
  values.set(KEY, chosen);
}

function preferred(browserLanguages: readonly string[]): Language {
  for (const tag of browserLanguages) {
    const primary = tag.toLowerCase().split('-')[0];
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}
