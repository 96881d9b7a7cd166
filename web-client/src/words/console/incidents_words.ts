import { translator } from '../translator.ts';
import cy from './incidents.cy.json';
import en from './incidents.en.json';

export const i = translator<typeof en>({ en, cy });
