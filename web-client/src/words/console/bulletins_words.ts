import cy from './bulletins.cy.json';
import en from './bulletins.en.json';
import { translator } from '../translator.ts';

export const b = translator<typeof en>({ en, cy });
