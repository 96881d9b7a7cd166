import { translator } from '../translator.ts';
import cy from './push.cy.json';
import en from './push.en.json';

export const p = translator<typeof en>({ en, cy });
