import { translator } from '../translator.ts';
import cy from './trust.cy.json';
import en from './trust.en.json';

/** Words about who signed what. */
export const s = translator<typeof en>({ en, cy });
