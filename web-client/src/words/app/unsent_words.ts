import { translator } from '../translator.ts';
import cy from './unsent.cy.json';
import en from './unsent.en.json';

/** What is said of something that this device has yet to hand over. */
export const u = translator<typeof en>({ en, cy });
