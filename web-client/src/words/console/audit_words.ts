import { translator } from '../translator.ts';
import cy from './audit.cy.json';
import en from './audit.en.json';

export const a = translator<typeof en>({ en, cy });
