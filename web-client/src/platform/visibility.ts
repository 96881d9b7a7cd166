/** Tells each time when the page is seen again or no longer; the answer ends that. */
export function onVisibility(changed: (isVisible: boolean) => void): () => void {
  const tell = (): void => changed(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', tell);
  return () => document.removeEventListener('visibilitychange', tell);
}
