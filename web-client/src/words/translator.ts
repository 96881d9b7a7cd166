import { signal } from '@preact/signals';
import type { Language } from '../model/language.ts';

/** Words for a count: `other` always, and those further categories that the language has. */
export type Forms = { readonly other: string } & { readonly [C in Intl.LDMLPluralRule]?: string };

export type Catalogue = Readonly<Record<string, Forms | string>>;

/** The same keys and kinds in each language; only the plural categories differ. A missing key does not compile. */
export type SameWords<C> = { readonly [K in keyof C]: C[K] extends string ? string : Forms };

type PlainKey<C> = { [K in keyof C]: C[K] extends string ? K : never }[keyof C];
type CountedKey<C> = Exclude<keyof C, PlainKey<C>>;
type Values = Readonly<Record<string, number | string>>;

export interface Translator<C> {
  (key: PlainKey<C>, values?: Values): string;
  counted(key: CountedKey<C>, count: number, values?: Values): string;
  /** In this language, whatever the reader chose: where both are shown at once. */
  in(locale: Language, key: PlainKey<C>, values?: Values): string;
}

/** The language of the interface. Whatever reads it while rendering follows it. */
export const language = signal<Language>('en');

export function translator<C extends Catalogue>(catalogues: { readonly [L in Language]: SameWords<C> }): Translator<C> {
  return translatorFrom<C>((locale) => catalogues[locale]);
}

/** Where a language's words may not be here yet; without them it says nothing. */
export function translatorFrom<C extends Catalogue>(catalogue: (locale: Language) => SameWords<C> | undefined): Translator<C> {
  const inLanguage = (locale: Language, key: PlainKey<C>, values: Values = {}): string => {
    const words = catalogue(locale)?.[key];
    return fill(typeof words === 'string' ? words : '', values);
  };
  const plain = (key: PlainKey<C>, values: Values = {}): string => inLanguage(language.value, key, values);
  const counted = (key: CountedKey<C>, count: number, values: Values = {}): string => {
    const locale = language.value;
    return fill(chooseForm(catalogue(locale)?.[key] ?? '', locale, count), { count: formatNumber(count, locale), ...values });
  };
  return Object.assign(plain, { counted, in: inLanguage });
}

export function chooseForm(words: Forms | string, locale: Language, count: number): string {
  if (typeof words === 'string') return words;
  return words[pluralRules[locale].select(count)] ?? words.other;
}

export function formatNumber(value: number, locale: Language): string {
  return new Intl.NumberFormat(locale === 'cy' ? 'cy' : 'en-GB').format(value);
}

const pluralRules = { en: new Intl.PluralRules('en-GB'), cy: new Intl.PluralRules('cy') };

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
