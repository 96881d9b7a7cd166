import { translator } from '../translator.ts';
import cy from './own_passkeys.cy.json';
import en from './own_passkeys.en.json';

/** The words of one's own passkeys in the app. */
export const o = translator<typeof en>({ en, cy });
