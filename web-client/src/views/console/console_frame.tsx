import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Language } from '../../model/bulletin.ts';
import type { LinkState } from '../../model/link_state.ts';
import { t } from '../../words/app_words.ts';
import { c } from '../../words/console_words.ts';
import { LanguageSwitch } from '../shared/language_switch.tsx';
import { LinkChip } from '../shared/link_chip.tsx';
import { Mark } from '../shared/mark.tsx';
import { usePageHeading } from './page_heading.ts';
import { Rail, type RailCount } from './rail.tsx';
import type { Page, Route } from './route.ts';

export interface ConsoleFrameProps {
  readonly route: Route;
  /** Those that who looks may see, in order. */
  readonly pages: readonly Page[];
  readonly counts: Partial<Record<Page, RailCount>>;
  readonly link: LinkState;
  readonly now: number;
  readonly chooseLanguage: (chosen: Language) => void;
  readonly children: ComponentChildren;
}

export function ConsoleFrame({ route, pages, counts, link, now, chooseLanguage, children }: ConsoleFrameProps) {
  const { page, path } = route;
  const main = useRef<HTMLElement>(null);
  usePageHeading(main, [page, ...path].join('/'), (heading) => `${heading ?? c(`nav.${page}`)} – ${t('brand')} ${c('title')}`);
  const skip = (event: Event): void => {
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div class="console">
      <a class="skip" href="#main" onClick={skip}>
        {c('nav.skip')}
      </a>
      <header class="rail">
        <p class="brand">
          <Mark />
          <span>
            {t('brand')} <span class="brand-sub">{c('title')}</span>
          </span>
        </p>
        <Rail pages={pages} page={page} counts={counts}>
          <a class="rail-out" href="/">
            {c('nav.reading')}
          </a>
        </Rail>
        <div class="rail-foot">
          <LinkChip link={link} now={now} />
          <LanguageSwitch choose={chooseLanguage} />
        </div>
      </header>
      <main class="console-main" id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
    </div>
  );
}
