import type { Text } from './test.ts';

interface Post {
  readonly en: Text;
  readonly cy?: Text;
}

/** What a branch posts on the morning of a canvass, in order. */
export const CANVASS_DAY: readonly Post[] = [
  {
    en: {
      title: 'Saturday is our day of action',
      body: 'Forty teams, eleven towns, one morning. Meet at 9:30 at the place your organiser gave you. Bring water, a charged phone and good shoes.',
    },
    cy: {
      title: 'Dydd Sadwrn yw ein diwrnod gweithredu',
      body: 'Deugain tîm, un dref ar ddeg, un bore. Cyfarfod am 9:30 yn y lle a roddodd eich trefnydd i chi. Dewch â dŵr, ffôn wedi’i wefru ac esgidiau da.',
    },
  },
  {
    en: {
      title: 'Canvass packs are ready',
      body: 'Collect yours at 14 Harbour Street, from 9:30. Each pack has the route, the leaflets and a pen that works.\n\nRoutes on a map: https://holdfast.example/maps/bangor',
    },
    cy: {
      title: 'Mae’r pecynnau canfasio yn barod',
      body: 'Casglwch eich un chi yn 14 Stryd yr Harbwr, o 9:30. Mae’r llwybr, y taflenni a beiro sy’n gweithio ym mhob pecyn.\n\nLlwybrau ar fap: https://holdfast.example/maps/bangor',
    },
  },
  {
    en: {
      title: 'If someone films you on the doorstep',
      body: 'Stay polite, say thank you, walk on. Do not argue and do not film back. Tell your team leader afterwards; we keep a note.',
    },
  },
  {
    en: {
      title: 'The street stall has moved',
      body: 'It is in front of the library, not on the square: the square has no shelter and rain is likely from noon. Same time.',
    },
    cy: {
      title: 'Mae’r stondin stryd wedi symud',
      body: 'Mae hi o flaen y llyfrgell, nid ar y sgwâr: does dim cysgod ar y sgwâr ac mae glaw yn debygol o ganol dydd. Yr un amser.',
    },
  },
  {
    en: {
      title: 'Lifts home from Caernarfon',
      body: 'Two cars leave the castle car park at 16:15, with room for seven. Reply to your team leader if you need a seat.',
    },
    cy: {
      title: 'Lifftiau adref o Gaernarfon',
      body: 'Bydd dau gar yn gadael maes parcio’r castell am 16:15, gyda lle i saith. Rhowch wybod i arweinydd eich tîm os oes angen sedd arnoch.',
    },
  },
];

/** Half-written, as the console shows it. */
export const DRAFT: Post = {
  en: { title: 'Thank you', body: 'You knocked on 3,412 doors this morning. Soup and bread are at the Harbour Hall until three.' },
  cy: { title: 'Diolch', body: 'Fe gnocioch chi ar 3,412 o ddrysau y bore yma. Mae cawl a bara yn Neuadd yr Harbwr tan dri.' },
};
