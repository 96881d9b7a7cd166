import { translator } from '../translator.ts';
import cy from './invites.cy.json';
import en from './invites.en.json';

export const i = translator<typeof en>({ en, cy });
