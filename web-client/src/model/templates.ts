import type { BulletinText, Language } from './bulletin.ts';

export const TEMPLATES = ['moved', 'come', 'over'] as const;
export type TemplateName = (typeof TEMPLATES)[number];

type Texts = { readonly [L in Language]: BulletinText };

/** What is often said in a hurry. What stands in square brackets is to be filled in before it goes. */
export const TEMPLATE_TEXTS: { readonly [N in TemplateName]: Texts } = {
  moved: {
    en: {
      title: 'Go to [new place]: the meeting point has moved',
      body: 'Go to [new place] by [time]. Do not go to [old place].',
    },
    cy: {
      title: 'Ewch i [lle newydd]: mae’r man cyfarfod wedi symud',
      body: 'Ewch i [lle newydd] erbyn [amser]. Peidiwch â mynd i [hen le].',
    },
  },
  come: {
    en: {
      title: 'Come to [place] at [time]: we need [number] people',
      body: 'Come to [place] at [time] for [task]. Bring [things].',
    },
    cy: {
      title: 'Dewch i [lle] am [amser]: mae angen [nifer] o bobl',
      body: 'Dewch i [lle] am [amser] ar gyfer [tasg]. Dewch â [pethau].',
    },
  },
  over: {
    en: {
      title: 'Stop now: [event] is over',
      body: 'Stop what you are doing and go home safely. [Event] is over. Thank you.',
    },
    cy: {
      title: 'Stopiwch nawr: mae [digwyddiad] ar ben',
      body: 'Rhowch y gorau iddi ac ewch adref yn ddiogel. Mae [digwyddiad] ar ben. Diolch.',
    },
  },
};

/** What is prepared for those whom a bulletin did not reach. */
export function followUpTexts(texts: Readonly<Record<string, BulletinText>>): Texts {
  return {
    en: prepared(texts['en'], 'Please read: ', 'You may have missed this.'),
    cy: prepared(texts['cy'], 'Darllenwch, os gwelwch yn dda: ', 'Efallai eich bod wedi colli hyn.'),
  };
}

/** What is prepared in the place of a bulletin that was wrong. */
export function correctionTexts(texts: Readonly<Record<string, BulletinText>>): Texts {
  return {
    en: prepared(texts['en'], 'Correction: ', 'This replaces what we said before. [What is right now]'),
    cy: prepared(texts['cy'], 'Cywiriad: ', 'Mae hyn yn disodli’r hyn a ddywedwyd o’r blaen. [Beth sy’n gywir nawr]'),
  };
}

/** What is still to be filled in: each once, in order. A Markdown link is none. */
export function blanksIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\[[^[\]\n]{1,60}\](?!\()/gu)].map(([blank]) => blank))];
}

const NO_TEXT: BulletinText = { title: '', body: '' };
const TITLE_MAX_CHARS = 200;

function prepared(text: BulletinText | undefined, before: string, first: string): BulletinText {
  return text === undefined ? NO_TEXT : { title: titled(before, text.title), body: `${first}\n\n${text.body}` };
}

function titled(before: string, title: string): string {
  const whole = title.startsWith(before) ? title : before + title;
  return [...whole].slice(0, TITLE_MAX_CHARS).join('');
}
