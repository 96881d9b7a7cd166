/** A file of the app's first load, as the build lists it: an address, and what its contents are if the address says not. */
export interface ShellFile {
  readonly url: string;
  readonly revision: string | null;
}

/** What to do with a request. `leave`: it is no business of ours, and goes to the network as if we were not there. */
export type Route = 'file' | 'leave' | 'page';

const SHELL_PAGE = '/';
const CACHE_PREFIX = 'shell-';

/** The page is kept under the address by which readers ask for it. */
export function addressOf({ url }: ShellFile): string {
  return url === 'index.html' ? SHELL_PAGE : `/${url}`;
}

/** A cache for each set of contents, so that one version's files never mix with another's. */
export function cacheName(files: readonly ShellFile[]): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(files)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return CACHE_PREFIX + (hash >>> 0).toString(16).padStart(8, '0');
}

/** Caches of versions that are no longer. */
export function outdated(names: readonly string[], current: string): string[] {
  return names.filter((name) => name.startsWith(CACHE_PREFIX) && name !== current);
}

/**
 * The app's own pages and files only: never what the service answers (`/v1`, `/connection`), nor the console and the
 * status page, which are always those of now.
 */
export function routeOf(method: string, mode: string, url: URL, origin: string): Route {
  if (method !== 'GET' || url.origin !== origin) return 'leave';
  if (mode === 'navigate') return url.pathname === SHELL_PAGE || url.pathname === '/join' ? 'page' : 'leave';
  return url.pathname.startsWith('/assets/') || url.pathname === '/favicon.svg' ? 'file' : 'leave';
}
