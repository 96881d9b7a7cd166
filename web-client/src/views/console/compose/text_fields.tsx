import { MAX_BODY_CHARS, MAX_TITLE_CHARS, type BulletinText, type Language } from '../../../model/bulletin.ts';
import { countChars } from '../../../model/desk.ts';
import { isShort, lengthOf, POINTS_GOOD, SENTENCES_GOOD, WORDS_GOOD } from '../../../model/hints.ts';
import { w } from '../../../words/console/compose_words.ts';

export interface TextFieldsProps {
  readonly language: Language;
  readonly text: BulletinText;
  readonly write: (change: Partial<BulletinText>) => void;
}

/** Title and text in one language, with how much they ask of their reader. */
export function TextFields({ language, text, write }: TextFieldsProps) {
  const id = `desk-${language}`;
  return (
    <fieldset class="draft">
      <legend>{languageWords(language)}</legend>
      <div class="field">
        <label class="field-label" for={`${id}-title`}>
          {w('headline')}
        </label>
        <input
          id={`${id}-title`}
          type="text"
          lang={language}
          value={text.title}
          autocomplete="off"
          aria-describedby={`${id}-title-count`}
          aria-invalid={countChars(text.title) > MAX_TITLE_CHARS}
          onInput={(event) => write({ title: event.currentTarget.value })}
        />
        <Counter id={`${id}-title-count`} used={countChars(text.title)} max={MAX_TITLE_CHARS} />
      </div>
      <div class="field">
        <label class="field-label" for={`${id}-body`}>
          {w('body')}
        </label>
        <textarea
          id={`${id}-body`}
          lang={language}
          rows={7}
          value={text.body}
          aria-describedby={`${id}-body-count ${id}-hint`}
          aria-invalid={countChars(text.body) > MAX_BODY_CHARS}
          onInput={(event) => write({ body: event.currentTarget.value })}
        />
        <Counter id={`${id}-body-count`} used={countChars(text.body)} max={MAX_BODY_CHARS} />
      </div>
      <Hint id={`${id}-hint`} text={text.body} />
    </fieldset>
  );
}

export function languageWords(language: Language): string {
  return language === 'en' ? w('english') : w('welsh');
}

function Counter({ id, used, max }: { id: string; used: number; max: number }) {
  const isOver = used > max;
  return (
    <span id={id} class={isOver ? 'counter counter-over' : 'counter'}>
      {w(isOver ? 'too_long' : 'chars', { used, max })}
    </span>
  );
}

function Hint({ id, text }: { id: string; text: string }) {
  const { points, sentences, words } = lengthOf(text);
  const figures = w('hint.figures', { words, WORDS_GOOD, sentences, SENTENCES_GOOD, points, POINTS_GOOD });
  return (
    <p id={id} class={isShort({ points, sentences, words }) ? 'hint desk-hint' : 'hint desk-hint desk-hint-long'}>
      {text.trim() === '' ? w('hint.action') : figures}
      {!isShort({ points, sentences, words }) && <strong> {w('hint.long')}</strong>}
    </p>
  );
}
