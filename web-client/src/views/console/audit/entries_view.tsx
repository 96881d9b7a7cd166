import type { SaveFile } from '../../../platform/save_file.ts';
import { a } from '../../../words/console/audit_words.ts';
import { asOfWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { AUDIT_LOADED_MAX, asJsonLines, type AuditModel, type More } from './audit_model.ts';
import { EntryFilter } from './entry_filter.tsx';
import { EntryRow } from './entry_row.tsx';

interface EntriesProps {
  readonly model: AuditModel;
  readonly reader: string;
  readonly now: number;
  readonly save: SaveFile;
}

export function EntriesView({ model, reader, now, save }: EntriesProps) {
  const entries = model.entries.value;
  const shown = model.shown.value;
  const loaded = entries.kind === 'loaded' ? entries.entries.length : 0;
  return (
    <section class="panel" aria-labelledby="audit-list-title">
      <div class="panel-head">
        <h2 id="audit-list-title">{a('list.title')}</h2>
        {entries.kind === 'loaded' && <p class="hint">{a('list.as_of', { time: asOfWords(entries.asOf, now) })}</p>}
        <button type="button" class="button button-quiet" onClick={() => void model.load()}>
          {a('list.again')}
        </button>
      </div>
      <EntryFilter model={model} reader={reader} />
      <p class="hint" role="status">
        {entries.kind === 'loading' && a('list.loading')}
        {entries.kind === 'loaded' &&
          a.counted('list.shown', shown.length, { loaded: formatNumber(loaded, language.value) })}
      </p>
      {entries.kind === 'failed' && (
        <p class="problem" role="alert">
          {a('list.failed')} {failureWords(entries.why)}
        </p>
      )}
      {entries.kind === 'loaded' && shown.length === 0 && (
        <p class="hint">{a(loaded === 0 ? 'list.empty' : 'list.no_match')}</p>
      )}
      {shown.length > 0 && (
        <ol class="log">
          {shown.map((entry) => (
            <EntryRow key={entry.hash} entry={entry} reader={reader} now={now} />
          ))}
        </ol>
      )}
      {entries.kind === 'loaded' && <Older more={entries.more} load={() => void model.loadOlder()} />}
      {shown.length > 0 && (
        <div class="desk-foot">
          <h3>{a('save.title')}</h3>
          <p class="hint">{a('save.about')}</p>
          <p class="actions">
            <button type="button" class="button button-quiet" onClick={() => save('audit.jsonl', asJsonLines(shown))}>
              {a('save')}
            </button>
          </p>
          <p class="hint">{a('save.all')}</p>
          <pre class="command" tabIndex={0}>
            holdfast audit export --data DATA &gt; audit.jsonl
          </pre>
        </div>
      )}
    </section>
  );
}

function Older({ more, load }: { more: More; load: () => void }) {
  switch (more.kind) {
    case 'none':
      return <p class="hint">{a('list.all')}</p>;
    case 'full':
      return <p class="hint">{a('list.full', { most: formatNumber(AUDIT_LOADED_MAX, language.value) })}</p>;
    case 'some':
    case 'working':
    case 'failed':
      return (
        <div class="desk-more">
          {more.kind === 'failed' && (
            <p class="problem" role="alert">
              {a('list.failed')} {failureWords(more.why)}
            </p>
          )}
          <button type="button" class="button button-quiet" aria-disabled={more.kind === 'working'} onClick={load}>
            {more.kind === 'working' ? a('list.older.working') : a('list.older')}
          </button>
        </div>
      );
  }
}
