import '../../../styles/console/invites.css';
import '../../../styles/console/operators.css';
import '../../../styles/console/watch.css';
import { useState } from 'preact/hooks';
import type { ConsolePageProps } from '../console_parts.ts';
import { useWhileSeen } from '../while_seen.ts';
import { ChecklistModel } from './checklist_model.ts';
import { PostureModel } from './posture_model.ts';
import { StatementModel } from './statement_model.ts';
import { WatchModel } from './watch_model.ts';
import { WatchView } from './watch_view.tsx';

export function WatchPage({ parts, member }: ConsolePageProps) {
  const [watch] = useState(() => new WatchModel(parts.api, parts.clock));
  const [posture] = useState(() => new PostureModel(parts.api));
  const [statement] = useState(() => new StatementModel(parts.api, parts.values));
  const [checklist] = useState(() => new ChecklistModel(parts.values));
  useWhileSeen(watch, parts, ({ kind }) => kind === 'incident');
  const control = member.roles.includes('admin') ? { posture, statement } : null;
  return <WatchView watch={watch} control={control} checklist={checklist} now={parts.now.value} />;
}
