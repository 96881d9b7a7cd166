import { translator } from '../translator.ts';
import cy from './ceremony.cy.json';
import en from './ceremony.en.json';

/** The words around the browser's dialog for a passkey, and for why nothing came of it. */
export const y = translator<typeof en>({ en, cy });
