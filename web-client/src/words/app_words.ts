import cy from './app.cy.json';
import en from './app.en.json';
import { translator } from './translator.ts';

export const t = translator<typeof en>({ en, cy });
