import { useState } from 'preact/hooks';
import { i } from '../../../words/console/incidents_words.ts';
import { exactTime } from '../../../words/exact_time.ts';
import { momentWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { LINES_MAX, type IncidentModel, type RecordState } from './incident_model.ts';
import { entryWords } from './timeline_words.ts';

interface TimelineProps {
  readonly model: IncidentModel;
  readonly record: Extract<RecordState, { kind: 'shown' }>;
  readonly now: number;
}

export function TimelineView({ model, record, now }: TimelineProps) {
  const [withCounts, setWithCounts] = useState(false);
  const lines = record.lines.filter(({ entry }) => withCounts || entry.kind !== 'counts');
  const told = model.told.value;
  return (
    <>
      <section class="panel" aria-labelledby="incident-told-title">
        <h2 id="incident-told-title">{i('told.title')}</h2>
        {told.length === 0 && <p class="hint">{i('told.none')}</p>}
        <ol class="log">
          {told.map(({ seq, at, entry }) => (
            <li class="log-line" key={seq}>
              <Moment at={at} now={now} />
              <p class="log-text">
                {entry.kind === 'notice_sent' && i('told.says', { to: entry.data.to, text: entry.data.text })}
              </p>
            </li>
          ))}
        </ol>
      </section>
      <section class="panel" aria-labelledby="incident-line-title">
        <h2 id="incident-line-title">{i('line.title')}</h2>
        <label class="tick">
          <input
            type="checkbox"
            checked={withCounts}
            onChange={(event) => setWithCounts(event.currentTarget.checked)}
          />
          <span>{i('line.counts.show')}</span>
        </label>
        <p class="hint">
          {i.counted('line.shown', lines.length, { lines: formatNumber(record.summary.lines, language.value) })}
        </p>
        <ol class="log">
          {lines.map(({ seq, at, entry }) => (
            <li class={`log-line log-${entry.kind}`} key={seq}>
              <Moment at={at} now={now} />
              <p class="log-text">{entryWords(entry, now)}</p>
            </li>
          ))}
        </ol>
        {record.more === 'some' && (
          <p class="actions desk-more">
            <button type="button" class="button button-quiet" onClick={() => void model.read()}>
              {i('line.more')}
            </button>
          </p>
        )}
        {record.more === 'full' && (
          <p class="hint">{i('line.full', { most: formatNumber(LINES_MAX, language.value) })}</p>
        )}
      </section>
    </>
  );
}

function Moment({ at, now }: { at: number; now: number }) {
  return (
    <time class="log-time" dateTime={new Date(at).toISOString()} title={momentWords(at, now)}>
      {momentWords(at, now).replace(/\d\d:\d\d$/, exactTime(at))}
    </time>
  );
}
