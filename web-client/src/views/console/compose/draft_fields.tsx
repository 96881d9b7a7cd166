import { MAX_BODY_CHARS, MAX_TITLE_CHARS, type BulletinText, type Language } from '../../../model/bulletin.ts';
import { c } from '../../../words/console_words.ts';

export interface DraftFieldsProps {
  readonly language: Language;
  readonly text: BulletinText;
  readonly isOptional: boolean;
  readonly write: (change: Partial<BulletinText>) => void;
}

export function DraftFields({ language, text, isOptional, write }: DraftFieldsProps) {
  const id = `draft-${language}`;
  return (
    <fieldset class="draft">
      <legend>
        {languageWords(language)} {isOptional && <span class="hint">({c('compose.optional')})</span>}
      </legend>
      <div class="field">
        <label class="field-label" for={`${id}-title`}>
          {c('compose.headline')}
        </label>
        <input
          id={`${id}-title`}
          type="text"
          lang={language}
          value={text.title}
          autocomplete="off"
          aria-describedby={`${id}-title-count`}
          aria-invalid={text.title.length > MAX_TITLE_CHARS}
          onInput={(event) => write({ title: event.currentTarget.value })}
        />
        <Counter id={`${id}-title-count`} used={text.title.length} max={MAX_TITLE_CHARS} />
      </div>
      <div class="field">
        <label class="field-label" for={`${id}-body`}>
          {c('compose.body')}
        </label>
        <textarea
          id={`${id}-body`}
          lang={language}
          rows={6}
          value={text.body}
          aria-describedby={`${id}-body-count`}
          aria-invalid={text.body.length > MAX_BODY_CHARS}
          onInput={(event) => write({ body: event.currentTarget.value })}
        />
        <Counter id={`${id}-body-count`} used={text.body.length} max={MAX_BODY_CHARS} />
      </div>
    </fieldset>
  );
}

export function languageWords(language: Language): string {
  return language === 'en' ? c('compose.english') : c('compose.welsh');
}

function Counter({ id, used, max }: { id: string; used: number; max: number }) {
  const isOver = used > max;
  return (
    <span id={id} class={isOver ? 'counter counter-over' : 'counter'}>
      {c(isOver ? 'compose.too_long' : 'compose.chars', { used, max })}
    </span>
  );
}
