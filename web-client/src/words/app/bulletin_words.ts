import { translator } from '../translator.ts';
import cy from './bulletin.cy.json';
import en from './bulletin.en.json';

/** The words around a bulletin. */
export const b = translator<typeof en>({ en, cy });
