import '../../../../styles/console/invites.css';
import { useEffect } from 'preact/hooks';
import { i } from '../../../../words/console/invites_words.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { RightsFields } from '../shared/rights_fields.tsx';
import { InviteResult } from './invite_result.tsx';
import { InviteTable } from './invite_table.tsx';
import { LIFETIMES_S, MOST_USES, PRESETS, type InvitesModel } from './invites_model.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

export function InvitesView({ model, now }: { model: InvitesModel; now: number }) {
  useEffect(() => void model.refresh(), [model]);
  const making = model.making.value;
  return (
    <div class="people invites">
      <h1 id="invites-title">{i('title')}</h1>
      <InviteFields model={model} />
      {making.kind === 'made' && <InviteResult key={making.invite.id} invite={making.invite} now={now} />}
      <InviteTable model={model} now={now} />
    </div>
  );
}

function InviteFields({ model }: { model: InvitesModel }) {
  const form = model.form.value;
  const making = model.making.value;
  const problem = making.kind === 'problem' ? making.problem : null;
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.create();
  };
  return (
    <form class="panel invite-form" onSubmit={submit} aria-labelledby="new-invite-title">
      <h2 id="new-invite-title">{i('new')}</h2>
      <fieldset class="choices">
        <legend class="field-label">{i('role')}</legend>
        {PRESETS.map((each) => (
          <label class="choice" key={each}>
            <input type="radio" name="preset" value={each} checked={form.preset === each} onChange={() => model.choose(each)} />
            <span>
              {i(`role.${each}`)} <small class="hint">{i(`role.${each}.about`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span class="field-label">{i('uses')}</span>
        <input
          type="number"
          inputMode="numeric"
          min={1}
          max={MOST_USES}
          step={1}
          required
          value={form.uses}
          onInput={(event) => model.write({ uses: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span class="field-label">{i('expires')}</span>
        <select
          value={String(form.lifetimeS)}
          onChange={(event) => model.write({ lifetimeS: Number(event.currentTarget.value) })}
        >
          {LIFETIMES_S.map((seconds) => (
            <option key={seconds} value={String(seconds)}>
              {lifetimeWords(seconds)}
            </option>
          ))}
        </select>
      </label>
      <details class="fold invite-more" open={form.preset === 'other' || problem !== null}>
        <summary>{i('more')}</summary>
        <div class="rights">
          <RightsFields
            form={form}
            problem={problem}
            change={(change) => model.write(change.roles === undefined ? change : { ...change, preset: 'other' })}
          />
        </div>
      </details>
      <label class="choice invite-approval">
        <input
          type="checkbox"
          checked={form.needsApproval}
          onChange={(event) => model.write({ needsApproval: event.currentTarget.checked })}
        />
        <span>
          {i('approval')} <small class="hint">{i('approval.hint')}</small>
        </span>
      </label>
      <button type="submit" class="button" aria-disabled={making.kind === 'working'}>
        {making.kind === 'working' ? i('creating') : i('create')}
      </button>
      {making.kind === 'failed' && (
        <p class="problem" role="alert">
          {making.why === 'idempotency_key_reused' ? i('reused') : failureWords(making.why)}
        </p>
      )}
    </form>
  );
}

function lifetimeWords(seconds: number): string {
  return seconds < DAY_S ? i.counted('hours', seconds / HOUR_S) : i.counted('days', seconds / DAY_S);
}
