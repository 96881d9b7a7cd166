import type { ChannelGrant } from '../../model/session.ts';
import { w } from '../../words/app/teams_words.ts';
import { momentWords } from '../../words/times.ts';
import { channelWords } from '../shared/channel_words.ts';
import { saidIn, whoWords } from './team_words.ts';
import type { Team, TeamsModel } from './teams_model.ts';

export interface TeamsViewProps {
  readonly model: TeamsModel;
  readonly teams: readonly ChannelGrant[];
  readonly own: string;
  readonly now: number;
}

export function TeamsView({ model, teams, own, now }: TeamsViewProps) {
  return (
    <section class="teams" aria-labelledby="teams-title">
      <h1 id="teams-title">{w('teams.title')}</h1>
      {!model.isConnected && (
        <p class="aside" role="status">
          {w('team.offline')}
        </p>
      )}
      <ul class="threads" aria-label={w('teams.list')}>
        {teams.map(({ name }) => (
          <TeamLine key={name} team={model.team(name)} own={own} now={now} />
        ))}
      </ul>
    </section>
  );
}

function TeamLine({ team: { channel, unread, unsent, isMuted, last }, own, now }: { team: Team; own: string; now: number }) {
  const said = last === null ? null : saidIn(last);
  return (
    <li>
      <a class={unread > 0 ? 'thread thread-unread' : 'thread'} href={`#teams/${channel.slice('teams:'.length)}`}>
        <span class="thread-topic">{channelWords(channel)}</span>
        {last !== null && (
          <time class="thread-time" dateTime={new Date(last.postedAt).toISOString()}>
            {momentWords(last.postedAt, now)}
          </time>
        )}
        <span class="thread-last">
          {said === null ? w('teams.quiet') : w('teams.last', { who: whoWords(last?.author, own), text: said.text })}
        </span>
        {(unread > 0 || unsent.length > 0 || isMuted) && (
          <span class="thread-marks">
            {unread > 0 && <span class="mark-new">{w.counted('teams.unread', unread)}</span>}
            {unsent.length > 0 && <span class="badge">{w.counted('teams.unsent', unsent.length)}</span>}
            {isMuted && <span class="thread-closed">{w('teams.muted')}</span>}
          </span>
        )}
      </a>
    </li>
  );
}
