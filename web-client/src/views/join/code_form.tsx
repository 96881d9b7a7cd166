import { useState } from 'preact/hooks';
import { isWholeCode } from '../../account/join.ts';
import { j } from '../../words/app/join_words.ts';

/** Where a code of one's other phone is typed. */
export function CodeForm({ enter }: { enter: (code: string) => void }) {
  const [code, setCode] = useState('');
  const [isShort, setIsShort] = useState(false);
  return (
    <form
      class="notice join-code"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWholeCode(code)) enter(code);
        else setIsShort(true);
      }}
    >
      <h2>{j('join.code.title')}</h2>
      <label class="field">
        <span class="field-label">{j('join.code.label')}</span>
        <input
          type="text"
          class="join-code-field"
          value={code}
          maxLength={20}
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          aria-invalid={isShort}
          aria-describedby="code-hint"
          onInput={(event) => {
            setCode(event.currentTarget.value);
            setIsShort(false);
          }}
        />
      </label>
      <p class="hint" id="code-hint">
        {j('join.code.hint')}
      </p>
      {isShort && (
        <p class="problem" role="alert">
          {j('join.code.short')}
        </p>
      )}
      <button type="submit" class="button">
        {j('join.code.button')}
      </button>
    </form>
  );
}
