import { translator } from '../translator.ts';
import cy from './inbox.cy.json';
import en from './inbox.en.json';

export const i = translator<typeof en>({ en, cy });
