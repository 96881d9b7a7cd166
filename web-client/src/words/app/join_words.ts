import { translator } from '../translator.ts';
import cy from './join.cy.json';
import en from './join.en.json';

export const j = translator<typeof en>({ en, cy });
