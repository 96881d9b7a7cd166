import { a } from '../../../words/console/audit_words.ts';
import { actorKey, type AuditModel } from './audit_model.ts';
import { actionWords, actorWords } from './audit_sentence.ts';

export function EntryFilter({ model, reader }: { model: AuditModel; reader: string }) {
  const { actions, actors } = model.choices.value;
  const filter = model.filter.value;
  return (
    <fieldset class="filter">
      <legend class="unseen">{a('filter.title')}</legend>
      <label class="field">
        <span class="field-label">{a('filter.since')}</span>
        <input type="date" onChange={(event) => model.choose({ since: midnightOf(event.currentTarget.value) })} />
      </label>
      <label class="field">
        <span class="field-label">{a('filter.action')}</span>
        <select
          value={filter.action ?? ''}
          onChange={(event) => model.choose({ action: chosen(event.currentTarget.value) })}
        >
          <option value="">{a('filter.any')}</option>
          {actions.map((action) => (
            <option key={action} value={action}>
              {actionWords(action)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field-label">{a('filter.actor')}</span>
        <select
          value={filter.actor ?? ''}
          onChange={(event) => model.choose({ actor: chosen(event.currentTarget.value) })}
        >
          <option value="">{a('filter.anybody')}</option>
          {actors.map((who) => (
            <option key={actorKey(who)} value={actorKey(who)}>
              {actorWords(who, reader)}
            </option>
          ))}
        </select>
      </label>
      <label class="tick filter-wide">
        <input
          type="checkbox"
          checked={filter.withSystem}
          onChange={(event) => model.choose({ withSystem: event.currentTarget.checked })}
        />
        <span>{a('filter.system')}</span>
      </label>
      <p class="hint filter-wide">{a('filter.about')}</p>
    </fieldset>
  );
}

function chosen(value: string): string | null {
  return value === '' ? null : value;
}

/** `2026-11-26` as the reader's own midnight. */
function midnightOf(day: string): number | null {
  const time = new Date(`${day}T00:00:00`).getTime();
  return Number.isFinite(time) && time > 0 ? time : null;
}
