import { useEffect, useRef, useState } from 'preact/hooks';
import { p } from '../../../../words/console/people_words.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import type { MemberModel } from './member_model.ts';

/** Erasing cannot be undone, so it is asked twice: with a button, and with a word that somebody has to type. */
export function ErasePanel({ model, isMe }: { model: MemberModel; isMe: boolean }) {
  const [isMeant, setMeant] = useState(false);
  return (
    <section class="panel" aria-labelledby="erase-title">
      <h2 id="erase-title">{p('erase.title')}</h2>
      <p>{p('erase.export')}</p>
      {isMe ? (
        <p class="hint">{p('erase.own')}</p>
      ) : (
        <>
          <p>{p('erase.what')}</p>
          <p>{p('erase.stays')}</p>
          {isMeant ? (
            <TypedWord erase={() => void model.erase()} keep={() => setMeant(false)} />
          ) : (
            <AsksFirst
              label={p('erase.button')}
              question={p('erase.sure')}
              yes={p('erase.yes')}
              no={p('no')}
              act={() => setMeant(true)}
            />
          )}
        </>
      )}
    </section>
  );
}

function TypedWord({ erase, keep }: { erase: () => void; keep: () => void }) {
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const isRight = typed.trim().toLowerCase() === p('erase.word');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (isRight) erase();
  };
  return (
    <form class="typed-word" onSubmit={submit}>
      <label class="field">
        <span class="field-label">{p('erase.type', { word: p('erase.word') })}</span>
        <input
          ref={field}
          type="text"
          autoComplete="off"
          autocapitalize="off"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p class="actions">
        <button type="button" class="button button-quiet" onClick={keep}>
          {p('no')}
        </button>
        <button type="submit" class="button button-danger" aria-disabled={!isRight}>
          {p('erase.really')}
        </button>
      </p>
    </form>
  );
}
