import type { ComponentType } from 'preact';
import '../../styles/app/sub_page.css';
import '../../styles/app/talk.css';
import { isTeam } from '../../model/team_talk.ts';
import { w } from '../../words/app/teams_words.ts';
import type { AppPageProps } from '../app/app_parts.ts';
import type { Desk } from '../app/desk.ts';
import { Mark } from '../shared/mark.tsx';
import { TeamView } from './team_view.tsx';
import { TeamsModel } from './teams_model.ts';
import { TeamsView } from './teams_view.tsx';

/** `#teams` and `#teams/NAME`. Who is in one team is in it at once. */
export function teamsPage(desk: Desk): ComponentType<AppPageProps> {
  let model: TeamsModel | null = null;
  return function TeamsPage({ parts, member, channels, path }: AppPageProps) {
    model ??= new TeamsModel(desk, parts.feed);
    const teams = channels.filter(({ name }) => isTeam(name));
    const [first, ...others] = teams;
    if (first === undefined) return <NoTeam />;
    const [name] = path;
    const isOnly = others.length === 0;
    const asked = name === undefined && isOnly ? first : teams.find((team) => team.name === `teams:${name}`);
    const now = parts.now.value;
    if (asked !== undefined) {
      return <TeamView key={asked.name} model={model} team={asked} own={member.id} now={now} isOnly={isOnly} />;
    }
    return name === undefined ? <TeamsView model={model} teams={teams} own={member.id} now={now} /> : <NotYours />;
  };
}

function NoTeam() {
  return (
    <section class="teams" aria-labelledby="teams-title">
      <h1 id="teams-title">{w('teams.title')}</h1>
      <div class="empty">
        <Mark />
        <h2>{w('teams.none.title')}</h2>
        <p>{w('teams.none.body')}</p>
        <p class="actions">
          <a class="button button-quiet" href="#inbox/new">
            {w('teams.none.write')}
          </a>
        </p>
      </div>
    </section>
  );
}

function NotYours() {
  return (
    <div class="empty">
      <h1>{w('teams.unknown.title')}</h1>
      <p>{w('teams.unknown.body')}</p>
      <p class="actions">
        <a class="button" href="#teams">
          {w('team.back')}
        </a>
      </p>
    </div>
  );
}
