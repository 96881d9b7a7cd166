import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/**
 * Keeps the page's title with its heading, and moves the focus there when somebody goes to another place, so that who
 * listens hears where they are. A page whose code or content comes later has its heading then.
 */
export function usePageHeading(main: RefObject<HTMLElement | null>, place: string, title: (heading: string | null) => string): void {
  const isFirst = useRef(true);
  useEffect(() => {
    const element = main.current;
    if (element === null) return undefined;
    let focused: Element | null = null;
    let isDue = !isFirst.current;
    isFirst.current = false;
    const look = (): void => {
      const heading = element.querySelector<HTMLElement>('[data-page-heading]') ?? element.querySelector<HTMLElement>('h1');
      const words = heading?.textContent.trim() ?? '';
      const named = title(words === '' ? null : words);
      if (document.title !== named) document.title = named;
      // Once for each place, and once more where what was opened comes after the page around it.
      const isFollowing = focused !== null && document.activeElement === focused && heading !== focused;
      if (heading === null || !(isDue || isFollowing)) return;
      isDue = false;
      focused = heading;
      heading.tabIndex = -1;
      heading.focus();
      if (heading.matches('h1')) scrollTo(0, 0);
    };
    look();
    const observer = new MutationObserver(look);
    observer.observe(element, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [place]);
}
