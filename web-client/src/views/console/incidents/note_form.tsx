import { i } from '../../../words/console/incidents_words.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { NoteModel } from './note_model.ts';

export function NoteForm({ model, added }: { model: NoteModel; added: () => void }) {
  const { text, to } = model.draft.value;
  const noting = model.noting.value;
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await model.add()) added();
  };
  return (
    <section class="panel" aria-labelledby="incident-note-title">
      <form class="note-form" onSubmit={(event) => void add(event)}>
        <h2 id="incident-note-title">{i('note.title')}</h2>
        <label class="field">
          <span class="field-label">{i('note.text')}</span>
          <textarea
            rows={3}
            value={text}
            aria-invalid={noting.kind === 'unfit'}
            onInput={(event) => model.write({ text: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          <span class="field-label">{i('note.to')}</span>
          <input type="text" value={to} onInput={(event) => model.write({ to: event.currentTarget.value })} />
          <small>{i('note.to.example')}</small>
        </label>
        <p class="hint">
          {i('note.kept')} {i('note.for_ever')}
        </p>
        <p class="actions">
          <button type="submit" class="button" aria-disabled={noting.kind === 'working'}>
            {noting.kind === 'working' ? i('note.adding') : i('note.add')}
          </button>
          <span role="status">{noting.kind === 'added' && i('note.added')}</span>
        </p>
        {noting.kind === 'unfit' && (
          <p class="problem" role="alert">
            {i(noting.why === 'empty' ? 'note.empty' : 'note.long')}
          </p>
        )}
        {noting.kind === 'failed' && (
          <p class="problem" role="alert">
            {failureWords(noting.why)}
          </p>
        )}
      </form>
    </section>
  );
}
