import cy from './compose.cy.json';
import en from './compose.en.json';
import { translator } from '../translator.ts';

export const w = translator<typeof en>({ en, cy });
