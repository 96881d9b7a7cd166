import type { IncidentListed } from '../../../protocol/api.gen.ts';
import { i } from '../../../words/console/incidents_words.ts';
import { w } from '../../../words/console/watch_words.ts';
import { asOfWords, momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { hashOf } from '../route.ts';
import type { IncidentsModel } from './incidents_model.ts';
import { triggerWords } from './timeline_words.ts';

export function IncidentsView({ model, now }: { model: IncidentsModel; now: number }) {
  const listing = model.listing.value;
  return (
    <div class="desk">
      <header class="desk-head">
        <h1>{i('title')}</h1>
        <p class="hint">{i('lead')}</p>
      </header>
      <section class="panel" aria-labelledby="incidents-title">
        <div class="panel-head">
          <h2 id="incidents-title">{i('list.title')}</h2>
          {listing.kind === 'rows' && <p class="hint">{i('list.as_of', { time: asOfWords(listing.asOf, now) })}</p>}
          <button type="button" class="button button-quiet" onClick={() => void model.read()}>
            {i('list.again')}
          </button>
        </div>
        {listing.kind === 'loading' && (
          <p class="hint" role="status">
            {i('list.loading')}
          </p>
        )}
        {(listing.kind === 'failed' || (listing.kind === 'rows' && listing.trouble !== null)) && (
          <p class="problem" role="alert">
            {i('list.failed')}{' '}
            {failureWords(listing.kind === 'failed' ? listing.why : (listing.trouble ?? 'unreachable'))}
          </p>
        )}
        {listing.kind === 'rows' && !listing.isComplete && <p class="banner">{i('list.incomplete')}</p>}
        {listing.kind === 'rows' &&
          (listing.rows.length === 0 ? <p class="hint">{i('list.empty')}</p> : <Rows rows={listing.rows} now={now} />)}
      </section>
    </div>
  );
}

function Rows({ rows, now }: { rows: readonly IncidentListed[]; now: number }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{i('col.opened')}</th>
          <th scope="col">{i('col.state')}</th>
          <th scope="col">{i('col.worst')}</th>
          <th scope="col">{i('col.why')}</th>
          <th scope="col">{i('col.node')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.node} ${row.id}`}>
            <td>
              {row.is_here ? (
                <a class="row-link" href={hashOf('incidents', row.id)}>
                  {momentWords(row.opened_ms, now)}
                </a>
              ) : (
                momentWords(row.opened_ms, now)
              )}
            </td>
            <td data-label={i('col.state')}>
              {row.closed_ms === undefined ? (
                <strong>{i('state.open')}</strong>
              ) : (
                i('state.closed', { time: momentWords(row.closed_ms, now) })
              )}
              {!row.is_intact && <strong> {i('state.broken')}</strong>}
            </td>
            <td data-label={i('col.worst')}>{w(`level.${row.worst}`)}</td>
            <td data-label={i('col.why')}>{triggerWords(row.why)}</td>
            <td data-label={i('col.node')}>
              {row.node} {!row.is_here && <small>{i('elsewhere')}</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
