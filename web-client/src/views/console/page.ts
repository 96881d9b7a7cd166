export const PAGES = ['compose', 'bulletins', 'invites'] as const;
export type Page = (typeof PAGES)[number];

export function pageFromHash(hash: string): Page {
  const name = hash.slice(1);
  return PAGES.find((page) => page === name) ?? 'compose';
}
