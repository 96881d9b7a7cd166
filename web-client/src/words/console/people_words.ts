import { translator } from '../translator.ts';
import cy from './people.cy.json';
import en from './people.en.json';

/** The words of the page People: its tabs, members and teams. */
export const p = translator<typeof en>({ en, cy });
