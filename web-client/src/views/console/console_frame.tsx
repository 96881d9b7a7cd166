import type { ComponentChildren } from 'preact';
import type { Language } from '../../model/bulletin.ts';
import type { LinkState } from '../../model/link_state.ts';
import { t } from '../../words/app_words.ts';
import { c } from '../../words/console_words.ts';
import { LanguageSwitch } from '../shared/language_switch.tsx';
import { LinkChip } from '../shared/link_chip.tsx';
import { Mark } from '../shared/mark.tsx';
import { PAGES, type Page } from './route.ts';

export interface ConsoleFrameProps {
  readonly page: Page;
  readonly link: LinkState;
  readonly now: number;
  readonly chooseLanguage: (chosen: Language) => void;
  readonly children: ComponentChildren;
}

export function ConsoleFrame({ page, link, now, chooseLanguage, children }: ConsoleFrameProps) {
  return (
    <div class="console">
      <header class="rail">
        <p class="brand">
          <Mark />
          <span>
            {t('brand')} <span class="brand-sub">{c('title')}</span>
          </span>
        </p>
        <nav class="rail-nav" aria-label={c('nav')}>
          {PAGES.map((each) => (
            <a key={each} href={`#${each}`} aria-current={each === page ? 'page' : undefined}>
              {c(`nav.${each}`)}
            </a>
          ))}
        </nav>
        <div class="rail-foot">
          <LinkChip link={link} now={now} />
          <LanguageSwitch choose={chooseLanguage} />
          <a class="rail-out" href="/">
            {c('nav.reading')}
          </a>
        </div>
      </header>
      <main class="console-main">{children}</main>
    </div>
  );
}
