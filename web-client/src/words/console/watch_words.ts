import { translator } from '../translator.ts';
import cy from './watch.cy.json';
import en from './watch.en.json';

export const w = translator<typeof en>({ en, cy });
