/** The app's pages, in the order of the bar at the bottom. */
export const APP_PAGES = ['bulletins', 'teams', 'inbox', 'me'] as const;
export type AppPage = (typeof APP_PAGES)[number];

/** Where in the app: `#inbox/CONVERSATION`. */
export interface AppRoute {
  readonly page: AppPage;
  readonly path: readonly string[];
}

export function appRouteFromHash(hash: string): AppRoute {
  const [name, ...path] = hash.replace(/^#/, '').split('/');
  const page = APP_PAGES.find((each) => each === name);
  return page === undefined ? { page: 'bulletins', path: [] } : { page, path: path.filter((part) => part !== '') };
}
