import { translator } from '../translator.ts';
import cy from './failure.cy.json';
import en from './failure.en.json';

/** What can go wrong with any request. */
export const f = translator<typeof en>({ en, cy });
