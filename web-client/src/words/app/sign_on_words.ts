import { translator } from '../translator.ts';
import cy from './sign_on.cy.json';
import en from './sign_on.en.json';

export const o = translator<typeof en>({ en, cy });
