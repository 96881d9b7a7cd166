import { DESK_KINDS, URGENCIES, type Desk } from '../../../model/desk.ts';
import { w } from '../../../words/console/compose_words.ts';
import type { ComposeModel } from './compose_model.ts';

/** What sort of bulletin, and how soon it matters. */
export function KindFields({ model }: { model: ComposeModel }) {
  const desk: Desk = model.desk.value;
  const isCorrection = desk.draft?.corrects != null;
  return (
    <div class="desk-row">
      <fieldset class="choices">
        <legend class="field-label">{w('kind')}</legend>
        {DESK_KINDS.map((each) => (
          <label class="choice" key={each}>
            <input type="radio" name="kind" value={each} checked={desk.kind === each} onChange={() => model.choose(each)} />
            <span>
              {w(`kind.${each}`)} <small class="hint">{w(`kind.${each}.about`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {desk.kind !== 'test' && (
        <fieldset class="choices" disabled={isCorrection}>
          <legend class="field-label">{w('urgency')}</legend>
          {URGENCIES.map((each) => (
            <label class="choice" key={each}>
              <input
                type="radio"
                name="urgency"
                value={each}
                checked={desk.urgency === each}
                onChange={() => model.change({ urgency: each })}
              />
              <span>
                {w(`urgency.${each}`)} <small class="hint">{w(`urgency.${each}.about`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
