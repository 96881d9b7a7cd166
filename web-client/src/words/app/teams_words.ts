import { translator } from '../translator.ts';
import cy from './teams.cy.json';
import en from './teams.en.json';

export const w = translator<typeof en>({ en, cy });
