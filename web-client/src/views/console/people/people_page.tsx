import '../../../styles/console/people.css';
import { useState } from 'preact/hooks';
import { Invites } from '../../../account/invites.ts';
import { People } from '../../../account/people.ts';
import { p } from '../../../words/console/people_words.ts';
import { lazyPage } from '../../shared/lazy_page.tsx';
import type { ConsolePageProps } from '../console_parts.ts';
import { hashOf } from '../route.ts';
import { InvitesModel } from './invites/invites_model.ts';
import { MemberView } from './members/member_view.tsx';
import { MembersModel } from './members/members_model.ts';
import { MembersView } from './members/members_view.tsx';
import { OwnView } from './own_view.tsx';
import { TeamsModel } from './teams/teams_model.ts';
import { TeamsView } from './teams/teams_view.tsx';

const ImportTab = lazyPage(async () => (await import('./import/import_tab.tsx')).ImportTab);
const InvitesView = lazyPage(async () => (await import('./invites/invites_view.tsx')).InvitesView);

const TABS = ['members', 'import', 'invites', 'teams'] as const;
type Tab = (typeof TABS)[number];

/** Who belongs to the campaign: for admins, who alone may know. */
export function PeoplePage({ parts, member, path }: ConsolePageProps) {
  const [people] = useState(() => new People(parts.api));
  if (!member.roles.includes('admin')) return <OwnView people={people} now={parts.now.value} />;
  return <AdminsPeople parts={parts} me={member.id} people={people} path={path} />;
}

interface AdminsPeopleProps extends Pick<ConsolePageProps, 'parts' | 'path'> {
  readonly me: string;
  readonly people: People;
}

function AdminsPeople({ parts, me, people, path }: AdminsPeopleProps) {
  const [members] = useState(() => new MembersModel(people, () => parts.clock.now()));
  const [teams] = useState(() => new TeamsModel(people, () => parts.clock.now()));
  const [invites] = useState(() => new InvitesModel(new Invites(parts.api), parts));
  const tab = TABS.find((each) => each === path[0]) ?? 'members';
  const now = parts.now.value;
  const what = path[1];
  return (
    <>
      <nav class="tabs" aria-label={p('tabs')}>
        {TABS.map((each) => (
          <a key={each} href={hashOf('people', each)} aria-current={each === tab ? 'page' : undefined}>
            {p(`tab.${each}`)}
          </a>
        ))}
      </nav>
      {shown(tab)}
    </>
  );

  function shown(which: Tab) {
    switch (which) {
      case 'members':
        if (what === undefined) return <MembersView model={members} now={now} />;
        return <MemberView key={what} id={what} me={me} people={people} members={members} now={now} />;
      case 'import':
        return <ImportTab parts={parts} />;
      case 'invites':
        return <InvitesView model={invites} now={now} />;
      case 'teams':
        return <TeamsView model={teams} team={what ?? null} now={now} />;
    }
  }
}
