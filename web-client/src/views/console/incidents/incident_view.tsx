import { useEffect, useRef } from 'preact/hooks';
import type { SaveFile } from '../../../platform/save_file.ts';
import { i } from '../../../words/console/incidents_words.ts';
import { momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { hashOf } from '../route.ts';
import type { IncidentModel } from './incident_model.ts';
import { NoteForm } from './note_form.tsx';
import type { NoteModel } from './note_model.ts';
import { SaveFiles } from './save_files.tsx';
import { SummaryView } from './summary_view.tsx';
import { TimelineView } from './timeline_view.tsx';

interface IncidentProps {
  readonly model: IncidentModel;
  readonly note: NoteModel;
  readonly now: number;
  readonly save: SaveFile;
}

export function IncidentView({ model, note, now, save }: IncidentProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const record = model.record.value;
  const opened = record.kind === 'shown' ? momentWords(record.summary.opened_ms, now) : model.id;
  return (
    <div class="desk">
      <header class="desk-head">
        <p>
          <a class="back" href={hashOf('incidents')}>
            {i('one.back')}
          </a>
        </p>
        <h1 ref={title} tabIndex={-1}>
          {i('one.title', { time: opened })}
        </h1>
        {record.kind === 'loading' && (
          <p class="hint" role="status">
            {i('one.loading')}
          </p>
        )}
        {record.kind === 'failed' && (
          <p class="problem" role="alert">
            {i('one.failed')} {record.why === 'not_found' ? i('one.unknown') : failureWords(record.why)}
          </p>
        )}
        {record.kind === 'shown' && (
          <p class="hint">{i(record.summary.closed_ms === undefined ? 'one.open' : 'one.closed')}</p>
        )}
        {record.kind === 'shown' && record.trouble !== null && (
          <p class="problem" role="alert">
            {i('one.stale')} {failureWords(record.trouble)}
          </p>
        )}
      </header>
      {record.kind === 'shown' && (
        <>
          <SummaryView summary={record.summary} node={record.node} now={now} />
          <NoteForm model={note} added={() => void model.read()} />
          <TimelineView model={model} record={record} now={now} />
          <SaveFiles model={model} save={save} />
        </>
      )}
    </div>
  );
}
