import { spoken } from '../spoken.ts';
import { translatorFrom } from '../translator.ts';
import type en from './bulletin.en.json';

/** The words around a bulletin. */
export const b = translatorFrom<typeof en>((language) => spoken(language)?.bulletin);
