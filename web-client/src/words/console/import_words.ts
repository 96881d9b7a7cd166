import { translator } from '../translator.ts';
import cy from './import.cy.json';
import en from './import.en.json';

export const m = translator<typeof en>({ en, cy });
