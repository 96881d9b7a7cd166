import type { ComponentChildren } from 'preact';
import type { Language } from '../model/bulletin.ts';
import { t } from '../words/app_words.ts';
import type { AppPage } from './app/app_page.ts';
import { BottomBar, type Counts } from './app/bottom_bar.tsx';
import { LanguageSwitch } from './shared/language_switch.tsx';
import { Mark } from './shared/mark.tsx';

export interface AppFrameProps {
  readonly chooseLanguage: (chosen: Language) => void;
  /** Where in the app; `null`: not in it yet. */
  readonly page?: AppPage | null;
  readonly counts?: Counts;
  readonly children: ComponentChildren;
}

export function AppFrame({ chooseLanguage, page = null, counts = {}, children }: AppFrameProps) {
  return (
    <div class={page === null ? 'app' : 'app app-with-bar'}>
      <header class="top">
        <p class="brand">
          <Mark />
          {t('brand')}
        </p>
        <LanguageSwitch choose={chooseLanguage} />
      </header>
      <main class="main">{children}</main>
      {page !== null && <BottomBar page={page} counts={counts} />}
    </div>
  );
}
