/** Tells when the reader leaves the page and comes back to it. */
export function watchPresence(left: () => void, returned: () => void): void {
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? left() : returned()));
  // Some browsers close a page without hiding it first.
  addEventListener('pagehide', left);
}
