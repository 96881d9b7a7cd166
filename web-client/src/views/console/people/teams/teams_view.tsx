import { useEffect, useState } from 'preact/hooks';
import { p } from '../../../../words/console/people_words.ts';
import { asOfWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { hashOf } from '../../route.ts';
import { readLabels } from '../shared/labels.ts';
import { TeamView } from './team_view.tsx';
import type { TeamsModel } from './teams_model.ts';

export function TeamsView({ model, team, now }: { model: TeamsModel; team: string | null; now: number }) {
  useEffect(() => void model.refresh(), [model]);
  return team === null ? <Overview model={model} now={now} /> : <TeamView key={team} model={model} team={team} />;
}

function Overview({ model, now }: { model: TeamsModel; now: number }) {
  const reading = model.reading.value;
  const teams = model.teams.value;
  return (
    <div class="people">
      <h1>{p('teams.title')}</h1>
      <p class="hint">{p('teams.about')}</p>
      <section class="panel" aria-labelledby="teams-listed">
        <div class="panel-head">
          <h2 id="teams-listed">{p('teams.title')}</h2>
          {reading.kind === 'read' && (
            <p class="hint">{p.counted('teams.read', model.known.value.size, { time: asOfWords(reading.asOf, now) })}</p>
          )}
          <button type="button" class="button button-quiet" onClick={() => void model.refresh()}>
            {p('members.again')}
          </button>
        </div>
        {reading.kind === 'reading' && (
          <p class="hint" role="status">
            {p('teams.loading')}
          </p>
        )}
        {reading.kind === 'failed' && (
          <p class="problem" role="alert">
            {failureWords(reading.why)}
          </p>
        )}
        {reading.kind === 'read' && teams.length === 0 && <p class="hint">{p('teams.empty')}</p>}
        {teams.length > 0 && (
          <table class="table table-narrow">
            <thead>
              <tr>
                <th scope="col">{p('teams.col.team')}</th>
                <th scope="col">{p('teams.col.members')}</th>
              </tr>
            </thead>
            <tbody>
              {teams.map(({ name, count }) => (
                <tr key={name}>
                  <td>
                    <a class="cell-link" href={hashOf('people', 'teams', name)}>
                      {name}
                    </a>
                  </td>
                  <td data-label={p('teams.col.members')}>{formatNumber(count, language.value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {reading.kind === 'read' && !reading.isAll && (
          <div class="more">
            <p class="hint">{p('teams.partly')}</p>
            <button type="button" class="button button-quiet" onClick={() => void model.readOn()}>
              {p('teams.read_on')}
            </button>
          </div>
        )}
      </section>
      <NewTeam />
    </div>
  );
}

/** A team begins with its name: it is there when its first member is. */
function NewTeam() {
  const [name, setName] = useState('');
  const [isBad, setBad] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const read = readLabels(name);
    const label = read.kind === 'labels' && read.labels.length === 1 ? read.labels[0] : undefined;
    setBad(label === undefined);
    if (label !== undefined) location.hash = hashOf('people', 'teams', label);
  };
  return (
    <form class="panel new-team" onSubmit={submit} aria-labelledby="new-team-title">
      <h2 id="new-team-title">{p('teams.new')}</h2>
      <label class="field">
        <span class="field-label">{p('teams.new.name')}</span>
        <input
          type="text"
          autoComplete="off"
          spellcheck={false}
          value={name}
          aria-invalid={isBad}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <small class="hint">{p('teams.new.about')}</small>
      </label>
      {isBad && (
        <p class="problem" role="alert">
          {p('teams.new.bad')}
        </p>
      )}
      <button type="submit" class="button button-quiet">
        {p('teams.new.go')}
      </button>
    </form>
  );
}
