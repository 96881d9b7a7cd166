import { useEffect, useState } from 'preact/hooks';
import { EVERYBODY, type MemberFilter } from '../../../../account/people.ts';
import { ROLES } from '../../../../model/session.ts';
import type { Member } from '../../../../protocol/api.gen.ts';
import { p } from '../../../../words/console/people_words.ts';
import { asOfWords, momentWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { hashOf } from '../../route.ts';
import { labelWords, nameWords, roleWords, shortId, standingWords } from './member_facts.tsx';
import type { Members, MembersModel } from './members_model.ts';

const STANDINGS = ['active', 'invited', 'waiting', 'left'] as const;

export function MembersView({ model, now }: { model: MembersModel; now: number }) {
  useEffect(() => void model.refresh(), [model]);
  const members = model.members.value;
  return (
    <div class="people">
      <h1>{p('members.title')}</h1>
      <FilterForm model={model} />
      <section class="panel" aria-labelledby="members-listed">
        <div class="panel-head">
          <h2 id="members-listed">{countWords(members)}</h2>
          {members.kind === 'listed' && <p class="hint">{p('members.as_of', { time: asOfWords(members.asOf, now) })}</p>}
          <button type="button" class="button button-quiet" onClick={() => void model.refresh()}>
            {p('members.again')}
          </button>
        </div>
        {members.kind === 'loading' && (
          <p class="hint" role="status">
            {p('members.loading')}
          </p>
        )}
        {members.kind === 'failed' && (
          <p class="problem" role="alert">
            {failureWords(members.why)}
          </p>
        )}
        {members.kind === 'listed' && (
          <>
            {members.members.length > 0 && <Search model={model} />}
            <Rows members={model.found.value} now={now} />
            {model.found.value.length === 0 && <p class="hint">{emptyWords(model)}</p>}
            <More model={model} members={members} />
          </>
        )}
      </section>
    </div>
  );
}

function FilterForm({ model }: { model: MembersModel }) {
  const filter = model.filter.value;
  const [region, setRegion] = useState(filter.region);
  const [team, setTeam] = useState(filter.team);
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.narrow({ region: region.trim(), team: team.trim() });
  };
  return (
    <form class="panel member-filter" onSubmit={submit} aria-label={p('members.filter')}>
      <label class="field">
        <span class="field-label">{p('members.standing')}</span>
        <select
          value={filter.standing}
          onChange={(event) => void model.narrow({ standing: STANDINGS.find((each) => each === event.currentTarget.value) ?? '' })}
        >
          <option value="">{p('members.any')}</option>
          {STANDINGS.map((standing) => (
            <option key={standing} value={standing}>
              {p(`standing.${standing}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field-label">{p('members.role')}</span>
        <select
          value={filter.role}
          onChange={(event) => void model.narrow({ role: ROLES.find((each) => each === event.currentTarget.value) ?? '' })}
        >
          <option value="">{p('members.any')}</option>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {p(`role.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span class="field-label">{p('members.region')}</span>
        <input type="text" autoComplete="off" value={region} onInput={(event) => setRegion(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span class="field-label">{p('members.team')}</span>
        <input type="text" autoComplete="off" value={team} onInput={(event) => setTeam(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button">
        {p('members.narrow')}
      </button>
    </form>
  );
}

function Search({ model }: { model: MembersModel }) {
  return (
    <label class="field search">
      <span class="field-label">{p('members.search')}</span>
      <input type="search" autoComplete="off" value={model.search.value} onInput={(event) => model.seek(event.currentTarget.value)} />
      <small class="hint">{p('members.search.about')}</small>
    </label>
  );
}

function Rows({ members, now }: { members: readonly Member[]; now: number }) {
  if (members.length === 0) return null;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{p('members.col.name')}</th>
          <th scope="col">{p('members.col.standing')}</th>
          <th scope="col">{p('members.col.roles')}</th>
          <th scope="col">{p('members.col.regions')}</th>
          <th scope="col">{p('members.col.teams')}</th>
          <th scope="col">{p('members.col.devices')}</th>
          <th scope="col">{p('members.col.since')}</th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.id}>
            <td>
              <a class="cell-link" href={hashOf('people', 'members', member.id)}>
                {nameWords(member)} <small class="mono">{shortId(member.id)}</small>
              </a>
            </td>
            <td data-label={p('members.col.standing')}>
              <span class={`badge badge-${member.standing}`}>{standingWords(member)}</span>
            </td>
            <td data-label={p('members.col.roles')}>{roleWords(member)}</td>
            <td data-label={p('members.col.regions')}>{labelWords(member.regions)}</td>
            <td data-label={p('members.col.teams')}>{labelWords(member.teams)}</td>
            <td data-label={p('members.col.devices')}>{formatNumber(member.devices, language.value)}</td>
            <td data-label={p('members.col.since')}>{momentWords(member.joined_at_ms, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function More({ model, members }: { model: MembersModel; members: Extract<Members, { kind: 'listed' }> }) {
  const { next, further } = members;
  return (
    <div class="more">
      <p class="hint" role="status">
        {further.kind === 'reading' ? p('members.more.reading') : p(next === null ? 'members.all_there' : 'members.more_there')}
      </p>
      {further.kind === 'failed' && (
        <p class="problem" role="alert">
          {failureWords(further.why)}
        </p>
      )}
      {next !== null && (
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={further.kind === 'reading'}
          onClick={() => void model.readOn()}
        >
          {p('members.more')}
        </button>
      )}
    </div>
  );
}

function countWords(members: Members): string {
  return members.kind === 'listed' ? p.counted('members.count', members.members.length) : p('members.title');
}

function emptyWords(model: MembersModel): string {
  const members = model.members.value;
  if (members.kind === 'listed' && members.members.length > 0) return p('members.none_found');
  return p(isEverybody(model.filter.value) ? 'members.empty.all' : 'members.empty');
}

function isEverybody(filter: MemberFilter): boolean {
  return (Object.keys(EVERYBODY) as (keyof MemberFilter)[]).every((name) => filter[name] === '');
}
