import { useState } from 'preact/hooks';
import { LANGUAGES, type Bulletin, type Language } from '../../../model/bulletin.ts';
import { contentOf, type Desk } from '../../../model/desk.ts';
import type { BulletinContent } from '../../../protocol/api.gen.ts';
import { saidOf, shownOf } from '../../../trust/publication.ts';
import { w } from '../../../words/console/compose_words.ts';
import { t } from '../../../words/app_words.ts';
import { language } from '../../../words/translator.ts';
import { BulletinCard } from '../../shared/bulletin_card.tsx';
import { Mark } from '../../shared/mark.tsx';
import { languageWords } from './text_fields.tsx';

/** The bulletin as readers of each language will see it, made by the very component that shows it to them. */
export function PhonePreview({ desk }: { desk: Desk }) {
  const [shown, show] = useState<Language>(language.value);
  const content = contentOf(desk);
  const bulletin = previewOf(content, desk.id);
  return (
    <section class="preview" aria-labelledby="preview-title">
      <div class="preview-head">
        <h2 id="preview-title">{w('preview')}</h2>
        <div class="switch" role="group" aria-labelledby="preview-title">
          {LANGUAGES.map((each) => (
            <button type="button" key={each} aria-pressed={shown === each} onClick={() => show(each)}>
              {languageWords(each)}
            </button>
          ))}
        </div>
      </div>
      <div class="phone">
        {bulletin === null ? (
          <p class="hint">{w('preview.empty')}</p>
        ) : (
          <BulletinCard bulletin={bulletin} channel={channelOf(content)} language={shown} isMarkdown time={w('preview.time')} />
        )}
      </div>
      <p class="hint">{w('preview.phone')}</p>
      <div class="lock-screen" lang={shown}>
        <Mark />
        <div>
          <p class="lock-app">{t('brand')}</p>
          <p class="lock-words">{shown === 'en' ? 'New bulletin' : 'Bwletin newydd'}</p>
        </div>
      </div>
      <p class="hint">{w('preview.lock')}</p>
    </section>
  );
}

/** Under which channel's name members see it: of several places the first, and their own where it goes to each of them. */
export function channelOf({ audience = {} }: BulletinContent): string {
  const { regions = [], teams = [], roles = [], not_reached: notReached } = audience;
  if (roles.length > 0 || notReached !== undefined) return 'inbox';
  if (regions[0] !== undefined) return `bulletins:region.${regions[0]}`;
  return teams[0] === undefined ? 'bulletins:all' : `teams:${teams[0]}`;
}

/** What members' screens will be given, read as they read it. */
export function previewOf(content: BulletinContent, id: string): Bulletin | null {
  return shownOf(saidOf({ id, content }));
}
