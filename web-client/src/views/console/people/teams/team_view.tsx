import { useEffect, useState } from 'preact/hooks';
import type { Member } from '../../../../protocol/api.gen.ts';
import { p } from '../../../../words/console/people_words.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { hashOf } from '../../route.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import { shortName } from '../members/member_facts.tsx';
import type { TeamChange, TeamsModel } from './teams_model.ts';

/** More than so many to choose from are too many to read. */
const CANDIDATES_SHOWN = 10;

export function TeamView({ model, team }: { model: TeamsModel; team: string }) {
  useEffect(() => void model.open(team), [model, team]);
  const members = model.membersOf(team);
  const change = model.change.value;
  return (
    <div class="people">
      <a class="way-back" href={hashOf('people', 'teams')}>
        ← {p('teams.back')}
      </a>
      <h1>{team}</h1>
      <p>
        <a class="way-back" href={`/#teams/${encodeURIComponent(team)}`}>
          {p('teams.talk')}
        </a>
      </p>
      <p class="done" role="status">
        {changeWords(change)}
      </p>
      {change.kind === 'failed' && (
        <p class="problem" role="alert">
          {failureWords(change.why)}
        </p>
      )}
      <section class="panel" aria-labelledby="team-members">
        <h2 id="team-members">{p('teams.in')}</h2>
        {members.length === 0 ? (
          <p class="hint">{p(model.reading.value.kind === 'reading' ? 'members.loading' : 'teams.in.none')}</p>
        ) : (
          <ul class="lines">
            {members.map((member) => (
              <li key={member.id}>
                <a class="cell-link" href={hashOf('people', 'members', member.id)}>
                  {shortName(member)}
                </a>
                <AsksFirst
                  label={p('teams.remove')}
                  name={p('teams.remove.of', { name: shortName(member) })}
                  question={p('teams.remove.sure', { name: shortName(member) })}
                  yes={p('teams.remove.yes')}
                  no={p('no')}
                  act={() => void model.remove(team, member)}
                />
              </li>
            ))}
          </ul>
        )}
      </section>
      <AddMember model={model} team={team} />
    </div>
  );
}

function AddMember({ model, team }: { model: TeamsModel; team: string }) {
  const [search, setSearch] = useState('');
  const others = [...model.known.value.values()].filter((member) => !member.teams.includes(team) && isFound(member, search));
  const reading = model.reading.value;
  return (
    <section class="panel" aria-labelledby="team-add">
      <h2 id="team-add">{p('teams.add')}</h2>
      <label class="field">
        <span class="field-label">{p('teams.add.search')}</span>
        <input type="search" autoComplete="off" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      </label>
      {reading.kind === 'read' && others.length === 0 && <p class="hint">{p('teams.add.none')}</p>}
      <ul class="lines">
        {others.slice(0, CANDIDATES_SHOWN).map((member) => (
          <li key={member.id}>
            <span>{shortName(member)}</span>
            <button
              type="button"
              class="button button-quiet"
              aria-label={p('teams.add.of', { name: shortName(member) })}
              onClick={() => void model.add(team, member)}
            >
              {p('teams.add.button')}
            </button>
          </li>
        ))}
      </ul>
      {others.length > CANDIDATES_SHOWN && <p class="hint">{p('teams.add.more')}</p>}
      {reading.kind === 'read' && !reading.isAll && (
        <div class="more">
          <p class="hint">{p('teams.partly')}</p>
          <button type="button" class="button button-quiet" onClick={() => void model.readOn()}>
            {p('teams.read_on')}
          </button>
        </div>
      )}
    </section>
  );
}

function isFound({ id, name, regions }: Member, search: string): boolean {
  return [id, name ?? '', ...regions].join(' ').toLowerCase().includes(search.trim().toLowerCase());
}

function changeWords(change: TeamChange): string {
  switch (change.kind) {
    case 'added':
    case 'full':
    case 'overtaken':
    case 'removed':
      return p(`teams.${change.kind}`, { name: shortName(change.member) });
    case 'failed':
    case 'idle':
    case 'working':
      return '';
  }
}
