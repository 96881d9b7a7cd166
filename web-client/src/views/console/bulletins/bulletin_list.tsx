import { useState } from 'preact/hooks';
import type { Member } from '../../../model/session.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import { b } from '../../../words/console/bulletins_words.ts';
import { asOfWords, momentWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { BulletinWatch, Older } from './bulletin_watch.ts';
import { FILTERS, filterOf, ordered, type Filter } from './filters.ts';
import { mayApprove } from './may.ts';
import { audienceWords, stateWords, whoWords } from './state_words.ts';

export function BulletinList({ watch, member, now }: { watch: BulletinWatch; member: Member; now: number }) {
  const [filter, choose] = useState<Filter>('all');
  const listing = watch.listing.value;
  const rows = listing.kind === 'rows' ? listing.rows : [];
  const shown = ordered(rows, filter);
  return (
    <div class="bulletins">
      <div class="bulletins-head">
        <h1 id="bulletins-title">{b('title')}</h1>
        {listing.kind === 'rows' && <p class="hint">{b('as_of', { time: asOfWords(listing.asOf, now) })}</p>}
        <a class="button button-quiet" href="#bulletins/statistics">
          {b('stats')}
        </a>
        <a class="button" href="#compose">
          {b('compose')}
        </a>
      </div>
      <div class="filters" role="group" aria-label={b('filter')}>
        {FILTERS.map((each) => (
          <button type="button" key={each} aria-pressed={filter === each} onClick={() => choose(each)}>
            {b(`filter.${each}`)} <span class="filters-count">{countOf(rows, each)}</span>
          </button>
        ))}
      </div>
      {listing.kind === 'loading' && (
        <p class="hint" role="status">
          {b('loading')}
        </p>
      )}
      {listing.kind === 'failed' && (
        <p class="problem" role="alert">
          {b('failed')} {failureWords(listing.why)}
        </p>
      )}
      {listing.kind === 'rows' && listing.failed !== null && (
        <p class="banner" role="status">
          {b('stale', { time: asOfWords(listing.asOf, now) })} {failureWords(listing.failed)}
        </p>
      )}
      {listing.kind === 'rows' && shown.length === 0 && (
        <div class="empty">
          <h2>{b(filter === 'all' ? 'empty.title' : 'empty.filtered')}</h2>
          {filter === 'all' && <p>{b('empty.body')}</p>}
        </div>
      )}
      {shown.length > 0 && <Rows rows={shown} member={member} now={now} />}
      {listing.kind === 'rows' && <OlderOnes older={listing.older} count={rows.length} read={() => void watch.readOlder()} />}
    </div>
  );
}

function OlderOnes({ older, count, read }: { older: Older; count: number; read: () => void }) {
  if (older.kind === 'none') return null;
  const isReading = older.kind === 'reading';
  return (
    <div class="bulletins-older">
      <p class="hint">{b('newest', { count: formatNumber(count, language.value) })}</p>
      {older.kind === 'failed' && (
        <p class="problem" role="alert">
          {failureWords(older.why)}
        </p>
      )}
      {older.kind !== 'full' && (
        <button type="button" class="button button-quiet" aria-disabled={isReading} onClick={read}>
          {b(isReading ? 'older.reading' : 'older')}
        </button>
      )}
    </div>
  );
}

function Rows({ rows, member, now }: { rows: readonly Bulletin[]; member: Member; now: number }) {
  return (
    <table class="table bulletins-table" aria-labelledby="bulletins-title">
      <thead>
        <tr>
          <th scope="col">{b('col.title')}</th>
          <th scope="col">{b('col.state')}</th>
          <th scope="col">{b('col.audience')}</th>
          <th scope="col">{b('col.begun')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} class={`bulletins-row bulletins-${filterOf(row.state)}`}>
            <td>
              <Badges bulletin={row} />
              <a class="bulletins-link" href={`#bulletins/${row.id}`} lang={titleOf(row).lang}>
                {titleOf(row).title}
              </a>
            </td>
            <td data-label={b('col.state')}>
              {mayApprove(row, member) ? <strong class="bulletins-yours">{b('to_approve')}</strong> : stateWords(row, now)}
            </td>
            <td data-label={b('col.audience')}>{audienceWords(row)}</td>
            <td data-label={b('col.begun')}>
              {momentWords(row.created_at_ms, now)}{' '}
              <span class="hint">{row.authors.includes(member.id) ? whoWords(member.id, member.id) : whoWords(undefined, member.id)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Badges({ bulletin: { content } }: { bulletin: Bulletin }) {
  return (
    <>
      {content.kind === 'test' && <span class="badge badge-test">{b('badge.test')}</span>}
      {content.urgency === 'urgent' && <span class="badge badge-urgent">{b('badge.urgent')}</span>}
    </>
  );
}

/** In the language of the page, or in the one there is. */
export function titleOf({ content: { texts } }: Bulletin): { readonly lang: string; readonly title: string } {
  const lang = texts[language.value] === undefined ? (Object.keys(texts)[0] ?? language.value) : language.value;
  return { lang, title: texts[lang]?.title ?? '' };
}

function countOf(rows: readonly Bulletin[], filter: Filter): string {
  const count = filter === 'all' ? rows.length : rows.filter(({ state }) => filterOf(state) === filter).length;
  return formatNumber(count, language.value);
}
