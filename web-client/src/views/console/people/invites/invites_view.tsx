import { useEffect, useState } from 'preact/hooks';
import { c } from '../../../../words/console_words.ts';
import { InviteResult } from './invite_result.tsx';
import { InviteTable } from './invite_table.tsx';
import { failureWords } from './invite_words.ts';
import type { InvitesModel, Preset } from './invites_model.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const LIFETIMES_S = [HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S] as const;
const DEFAULT_LIFETIME_S = 7 * DAY_S;
const DEFAULT_USES = { activist: 50, organiser: 1 } as const satisfies { [P in Preset]: number };
const MOST_USES = 100_000;

export function InvitesView({ model, now }: { model: InvitesModel; now: number }) {
  const [preset, setPreset] = useState<Preset>('activist');
  const [uses, setUses] = useState(String(DEFAULT_USES.activist));
  const [lifetimeS, setLifetimeS] = useState<number>(DEFAULT_LIFETIME_S);
  useEffect(() => void model.refresh(), [model]);
  const making = model.making.value;
  const choosePreset = (chosen: Preset): void => {
    setPreset(chosen);
    setUses(String(DEFAULT_USES[chosen]));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.create(preset, Number(uses), lifetimeS);
  };
  return (
    <div class="invites">
      <h1 id="invites-title">{c('invites.title')}</h1>
      <form class="panel invite-form" onSubmit={submit} aria-labelledby="new-invite-title">
        <h2 id="new-invite-title">{c('invites.new')}</h2>
        <fieldset class="choices">
          <legend class="field-label">{c('invites.role')}</legend>
          {(['activist', 'organiser'] as const).map((each) => (
            <label class="choice" key={each}>
              <input type="radio" name="preset" value={each} checked={preset === each} onChange={() => choosePreset(each)} />
              <span>
                {c(`invites.role.${each}`)} <small class="hint">{c(`invites.role.${each}.about`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span class="field-label">{c('invites.uses')}</span>
          <input
            type="number"
            inputMode="numeric"
            min={1}
            max={MOST_USES}
            step={1}
            required
            value={uses}
            onInput={(event) => setUses(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span class="field-label">{c('invites.expires')}</span>
          <select value={String(lifetimeS)} onChange={(event) => setLifetimeS(Number(event.currentTarget.value))}>
            {LIFETIMES_S.map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {lifetimeWords(seconds)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button" aria-disabled={making.kind === 'working'}>
          {making.kind === 'working' ? c('invites.creating') : c('invites.create')}
        </button>
        {making.kind === 'failed' && (
          <p class="problem" role="alert">
            {failureWords(making.why)}
          </p>
        )}
      </form>
      {making.kind === 'made' && <InviteResult invite={making.invite} now={now} />}
      <InviteTable model={model} now={now} />
    </div>
  );
}

function lifetimeWords(seconds: number): string {
  return seconds < DAY_S ? c.counted('invites.hours', seconds / HOUR_S) : c.counted('invites.days', seconds / DAY_S);
}
