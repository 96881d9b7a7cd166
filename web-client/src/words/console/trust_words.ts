import { translator } from '../translator.ts';
import cy from './trust.cy.json';
import en from './trust.en.json';

/** Words about who may sign, for organisers. */
export const k = translator<typeof en>({ en, cy });
