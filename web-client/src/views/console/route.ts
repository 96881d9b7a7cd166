import type { Role } from '../../model/session.ts';

/** The console's pages, in the order of the rail. */
export const PAGES = ['compose', 'bulletins', 'people', 'inbox', 'watch', 'audit', 'incidents', 'trust', 'account'] as const;
export type Page = (typeof PAGES)[number];

/** For whom each page is, as the service has it; the others need not look for it. */
const READERS: { readonly [P in Page]: readonly Role[] } = {
  compose: ['sender'],
  bulletins: ['admin', 'approver', 'observer', 'sender'],
  people: ['admin'],
  inbox: ['admin', 'approver', 'sender'],
  watch: ['admin', 'approver', 'observer', 'sender'],
  audit: ['admin'],
  incidents: ['admin', 'observer'],
  trust: ['admin', 'approver', 'sender'],
  account: ['admin', 'approver', 'observer', 'sender'],
};

/** In the order of the rail. */
export function pagesFor(roles: readonly Role[]): readonly Page[] {
  return PAGES.filter((page) => READERS[page].some((role) => roles.includes(role)));
}

/** Where in the console: `#people/invites` is `{ page: 'people', path: ['invites'] }`. */
export interface Route {
  readonly page: Page;
  readonly path: readonly string[];
}

export function routeFromHash(hash: string): Route {
  const [name, ...path] = hash.replace(/^#/, '').split('/').map(decoded);
  const page = PAGES.find((each) => each === name);
  return page === undefined ? { page: 'compose', path: [] } : { page, path: path.filter((part) => part !== '') };
}

/** The code of `#recover/CODE`, by which somebody makes a new passkey; `null`: it is another place. */
export function recoveryCode(hash: string): string | null {
  const [name, code = ''] = hash.replace(/^#/, '').split('/').map(decoded);
  return name === 'recover' && code !== '' ? code : null;
}

export function hashOf(page: Page, ...path: readonly string[]): string {
  return `#${[page, ...path.map(encodeURIComponent)].join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
