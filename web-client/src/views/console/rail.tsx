import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { c } from '../../words/console_words.ts';
import { hashOf, type Page } from './route.ts';

/** What waits on a page: as short as it fits, and in words. */
export interface RailCount {
  readonly short: string;
  readonly words: string;
}

export interface RailProps {
  /** Those that who looks may see, in order. */
  readonly pages: readonly Page[];
  readonly page: Page;
  readonly counts: Partial<Record<Page, RailCount>>;
  /** What else is behind "More" on a phone. */
  readonly children: ComponentChildren;
}

/** Whole addresses: a bare `#` at the edge of a narrow screen would be taken for a link that skips the navigation. */
const HERE = '/console';
/** So many fit on the bar of a phone, with "More" beside them. */
const ON_THE_BAR = 4;

/** The console's pages: a rail beside them, or on a phone a bar below with the first ones, and the rest behind "More". */
export function Rail({ pages, page, counts, children }: RailProps) {
  const [isOpen, setOpen] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  useEffect(() => setOpen(false), [page]);
  const onTheBar = pages.slice(0, ON_THE_BAR);
  const behind = pages.slice(ON_THE_BAR);
  const close = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    setOpen(false);
    more.current?.focus();
  };
  const link = (each: Page) => (
    <a key={each} href={`${HERE}${hashOf(each)}`} aria-current={each === page ? 'page' : undefined} onClick={() => setOpen(false)}>
      {c(`nav.${each}`)}
      <Count count={counts[each]} />
    </a>
  );
  return (
    <nav class="rail-nav" aria-label={c('nav')} onKeyDown={close}>
      <div class="rail-bar">
        {onTheBar.map(link)}
        <button
          ref={more}
          type="button"
          class={behind.includes(page) ? 'rail-more rail-more-current' : 'rail-more'}
          aria-expanded={isOpen}
          aria-controls="rail-behind"
          onClick={() => setOpen(!isOpen)}
        >
          {c('nav.more')}
        </button>
      </div>
      <div id="rail-behind" class={isOpen ? 'rail-behind rail-behind-open' : 'rail-behind'}>
        {behind.map(link)}
        {children}
      </div>
    </nav>
  );
}

function Count({ count }: { count: RailCount | undefined }) {
  if (count === undefined) return null;
  return (
    <>
      <span class="rail-count" aria-hidden="true">
        {count.short}
      </span>
      <span class="unseen"> {count.words}</span>
    </>
  );
}
