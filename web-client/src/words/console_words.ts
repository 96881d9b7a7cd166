import cy from './console.cy.json';
import en from './console.en.json';
import { translator } from './translator.ts';

export const c = translator<typeof en>({ en, cy });
