import { translator } from '../translator.ts';
import cy from './search.cy.json';
import en from './search.en.json';

export const s = translator<typeof en>({ en, cy });
