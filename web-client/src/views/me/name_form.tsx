import { useEffect, useState } from 'preact/hooks';
import { m } from '../../words/app/me_words.ts';
import { isNameTooLong, type MeModel } from './me_model.ts';
import { ActionProblem } from './sub_page.tsx';

export function NameForm({ model, name }: { model: MeModel; name: string }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const state = model.naming.state.value;
  const isTooLong = isNameTooLong(text);
  const isReady = text.trim() !== name && !isTooLong && state.kind !== 'working';
  return (
    <form
      class="me-name"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void model.rename(text.trim());
      }}
    >
      <label class="field">
        <span class="field-label">{m('me.name')}</span>
        <input
          type="text"
          value={text}
          autocomplete="nickname"
          aria-invalid={isTooLong}
          aria-describedby="name-hint"
          onInput={(event) => {
            setText(event.currentTarget.value);
            model.naming.reset();
          }}
        />
      </label>
      <p class="hint" id="name-hint">
        {m('me.name.hint')}
      </p>
      <p class="actions">
        <button type="submit" class="button button-quiet" aria-disabled={!isReady}>
          {m('me.name.save')}
        </button>
        <span role="status">{isTooLong ? m('me.name.too_long') : state.kind === 'done' ? m('me.name.saved') : ''}</span>
      </p>
      <ActionProblem state={state} />
    </form>
  );
}
