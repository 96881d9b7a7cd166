/** The console's pages, in the order of the rail. */
export const PAGES = ['compose', 'bulletins', 'people', 'inbox', 'watch', 'audit', 'incidents'] as const;
export type Page = (typeof PAGES)[number];

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
