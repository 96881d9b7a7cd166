/** Brings a bulletin's card into sight, and the focus to it, once it is on the page. */
export function showCard(bulletin: string): void {
  requestAnimationFrame(() => {
    const card = document.getElementById(`card-${bulletin}`);
    card?.scrollIntoView({ block: 'start' });
    card?.focus({ preventScroll: true });
  });
}
