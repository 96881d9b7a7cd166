import type { Member } from '../../../../protocol/api.gen.ts';
import { p } from '../../../../words/console/people_words.ts';
import { momentWords } from '../../../../words/times.ts';

/** What is known of a member, one line each. */
export function MemberFacts({ member, now }: { member: Member; now: number }) {
  return (
    <dl class="known">
      <div>
        <dt>{p('members.standing')}</dt>
        <dd>{standingWords(member)}</dd>
      </div>
      <div>
        <dt>{p('rights.roles')}</dt>
        <dd>{roleWords(member)}</dd>
      </div>
      <div>
        <dt>{p('rights.regions')}</dt>
        <dd>{labelWords(member.regions)}</dd>
      </div>
      <div>
        <dt>{p('rights.teams')}</dt>
        <dd>{labelWords(member.teams)}</dd>
      </div>
      <div>
        <dt>{p('member.since')}</dt>
        <dd>{momentWords(member.joined_at_ms, now)}</dd>
      </div>
      <div>
        <dt>{p('member.number')}</dt>
        <dd class="mono">{member.id}</dd>
      </div>
    </dl>
  );
}

export function nameWords({ name }: Pick<Member, 'name'>): string {
  return name ?? p('members.no_name');
}

/** A name and, where there is none, enough of the number to tell members apart. */
export function shortName({ id, name }: Pick<Member, 'id' | 'name'>): string {
  return name ?? `${p('members.no_name')} (${shortId(id)})`;
}

const SHORT_ID_CHARS = 9;

export function shortId(id: string): string {
  return id.length <= SHORT_ID_CHARS ? id : `${id.slice(0, SHORT_ID_CHARS)}…`;
}

export function standingWords({ standing }: Pick<Member, 'standing'>): string {
  return p(`standing.${standing}`);
}

export function roleWords({ roles }: Pick<Member, 'roles'>): string {
  return roles.map((role) => p(`role.${role}`)).join(', ');
}

export function labelWords(labels: readonly string[]): string {
  return labels.length === 0 ? p('members.none') : labels.join(', ');
}
