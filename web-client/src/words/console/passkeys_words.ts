import { translator } from '../translator.ts';
import cy from './passkeys.cy.json';
import en from './passkeys.en.json';

/** The words around passkeys: the first one, confirming, one's account, and a new one for who lost theirs. */
export const k = translator<typeof en>({ en, cy });
