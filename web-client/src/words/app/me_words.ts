import { translator } from '../translator.ts';
import cy from './me.cy.json';
import en from './me.en.json';

export const m = translator<typeof en>({ en, cy });
