import type { ComponentChildren } from 'preact';
import type { Language } from '../model/bulletin.ts';
import { t } from '../words/app_words.ts';
import { LanguageSwitch } from './shared/language_switch.tsx';
import { Mark } from './shared/mark.tsx';

export interface AppFrameProps {
  readonly chooseLanguage: (chosen: Language) => void;
  readonly children: ComponentChildren;
}

export function AppFrame({ chooseLanguage, children }: AppFrameProps) {
  return (
    <div class="app">
      <header class="top">
        <p class="brand">
          <Mark />
          {t('brand')}
        </p>
        <LanguageSwitch choose={chooseLanguage} />
      </header>
      <main class="main">{children}</main>
    </div>
  );
}
