import { useState } from 'preact/hooks';
import { LANGUAGES, type Bulletin, type BulletinText, type Language } from '../../../model/bulletin.ts';
import type { Draft } from '../../../model/draft.ts';
import { c } from '../../../words/console_words.ts';
import { language } from '../../../words/translator.ts';
import { BulletinCard } from '../../shared/bulletin_card.tsx';
import { languageWords } from './draft_fields.tsx';

/** The bulletin as readers of each language will see it, made by the very component that shows it to them. */
export function PhonePreview({ draft, channel }: { draft: Draft; channel: string }) {
  const [shown, show] = useState<Language>(language.value);
  const bulletin = previewOf(draft);
  return (
    <section class="preview" aria-labelledby="preview-title">
      <div class="preview-head">
        <h2 id="preview-title">{c('compose.preview')}</h2>
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
          <p class="hint">{c('compose.preview.empty')}</p>
        ) : (
          <BulletinCard bulletin={bulletin} channel={channel} language={shown} time={c('compose.preview.time')} />
        )}
      </div>
      <p class="hint">{c('compose.preview.as')}</p>
    </section>
  );
}

function previewOf(draft: Draft): Bulletin | null {
  const texts: { [L in Language]?: BulletinText } = {};
  for (const each of LANGUAGES) {
    const { title, body } = draft.texts[each];
    if (title.trim() !== '' || body.trim() !== '') texts[each] = { title, body };
  }
  return Object.keys(texts).length === 0 ? null : { id: draft.id, kind: 'update', texts };
}
