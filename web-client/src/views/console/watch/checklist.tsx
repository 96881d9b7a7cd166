import { w } from '../../../words/console/watch_words.ts';
import { hashOf } from '../route.ts';
import { STEPS, type ChecklistModel } from './checklist_model.ts';

export function Checklist({ model }: { model: ChecklistModel }) {
  const done = model.done.value;
  return (
    <section class="panel desk-parts" aria-labelledby="watch-steps-title">
      <h2 id="watch-steps-title">{w('steps.title')}</h2>
      <div>
        <p>{w('steps.lead')}</p>
        <ol class="plain steps">
          {STEPS.map((step) => (
            <li key={step}>
              <label class="tick">
                <input
                  type="checkbox"
                  checked={done.has(step)}
                  onChange={(event) => model.tick(step, event.currentTarget.checked)}
                />
                <span>{w(`steps.${step}`)}</span>
              </label>
            </li>
          ))}
        </ol>
        <p class="hint">{w('steps.kept')}</p>
        <p class="actions">
          <a class="button button-quiet" href={hashOf('incidents')}>
            {w('steps.incidents')}
          </a>
          <button type="button" class="button button-plain" onClick={() => model.startAgain()}>
            {w('steps.again')}
          </button>
        </p>
      </div>
    </section>
  );
}
