import { isLanguage, type Language } from '../model/language.ts';
import { localValues, type LocalValues } from '../platform/local_values.ts';
import { speak } from './spoken.ts';

export const LANGUAGE_KEY = 'holdfast.language';

/** The reader's last choice, else the first of the browser's languages that we speak. */
export function ownLanguage(values: LocalValues, browserLanguages: readonly string[]): Language {
  const chosen = values.get(LANGUAGE_KEY);
  return isLanguage(chosen) ? chosen : preferred(browserLanguages);
}

function preferred(browserLanguages: readonly string[]): Language {
  for (const tag of browserLanguages) {
    const primary = tag.toLowerCase().split('-')[0];
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

// The page asks for this file before the app (vite.config.ts), so the reader's words come beside it and not after it.
// `startLanguage` hears of it if they do not come.
speak(ownLanguage(localValues(), navigator.languages)).catch(() => {});
