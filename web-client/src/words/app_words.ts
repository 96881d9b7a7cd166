import type en from './app.en.json';
import { spoken } from './spoken.ts';
import { translatorFrom } from './translator.ts';

export const t = translatorFrom<typeof en>((language) => spoken(language)?.app);
