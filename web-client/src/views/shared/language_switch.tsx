import { LANGUAGES, type Language } from '../../model/bulletin.ts';
import { t } from '../../words/app_words.ts';
import { awaitedLanguage } from '../../words/choose_language.ts';
import { language } from '../../words/translator.ts';

/** Each language is named in itself, so that its readers find it. */
const OWN_NAMES = { en: 'English', cy: 'Cymraeg' } as const satisfies { [L in Language]: string };

export function LanguageSwitch({ choose }: { choose: (chosen: Language) => void }) {
  return (
    <div class="switch" role="group" aria-label={t('language')}>
      {LANGUAGES.map((each) => (
        <button
          type="button"
          key={each}
          lang={each}
          aria-pressed={language.value === each}
          aria-busy={awaitedLanguage.value === each}
          onClick={() => choose(each)}
        >
          {OWN_NAMES[each]}
        </button>
      ))}
    </div>
  );
}
