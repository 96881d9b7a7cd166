import '../../../styles/console/invites.css';
import '../../../styles/console/operators.css';
import '../../../styles/console/incidents.css';
import { useState } from 'preact/hooks';
import { saveFile } from '../../../platform/save_file.ts';
import { i } from '../../../words/console/incidents_words.ts';
import { NoticePage } from '../../shared/notice_page.tsx';
import type { ConsolePageProps } from '../console_parts.ts';
import { IncidentModel } from './incident_model.ts';
import { IncidentView } from './incident_view.tsx';
import { IncidentsModel } from './incidents_model.ts';
import { IncidentsView } from './incidents_view.tsx';
import { NoteModel } from './note_model.ts';
import { useWhileSeen } from '../while_seen.ts';

export function IncidentsPage({ parts, member, path }: ConsolePageProps) {
  const [id] = path;
  if (!member.roles.includes('admin')) {
    return (
      <NoticePage title={i('needs.title')}>
        <p class="lead">{i('needs.body')}</p>
      </NoticePage>
    );
  }
  return id === undefined ? <All parts={parts} /> : <One key={id} id={id} parts={parts} />;
}

function All({ parts }: Pick<ConsolePageProps, 'parts'>) {
  const [model] = useState(() => new IncidentsModel(parts.api, parts.clock));
  useWhileSeen(model, parts, ({ kind }) => kind === 'incident');
  return <IncidentsView model={model} now={parts.now.value} />;
}

function One({ parts, id }: Pick<ConsolePageProps, 'parts'> & { id: string }) {
  const [model] = useState(() => new IncidentModel(id, parts.api, parts.clock));
  const [note] = useState(() => new NoteModel(id, parts.api, parts.values, parts.randomId));
  useWhileSeen(model, parts, (notice) => notice.kind === 'incident' && notice.id === id);
  return <IncidentView model={model} note={note} now={parts.now.value} save={saveFile} />;
}
