import '../../../styles/console/invites.css';
import { useState } from 'preact/hooks';
import { Invites } from '../../../account/invites.ts';
import type { ConsolePageProps } from '../console_parts.ts';
import { NeedsRole } from '../needs_role.tsx';
import { InvitesModel } from './invites/invites_model.ts';
import { InvitesView } from './invites/invites_view.tsx';

export function PeoplePage({ parts, member }: ConsolePageProps) {
  const [invites] = useState(() => new InvitesModel(new Invites(parts.api), () => parts.clock.now()));
  if (!member.roles.includes('admin')) return <NeedsRole why="invites" />;
  return <InvitesView model={invites} now={parts.now.value} />;
}
