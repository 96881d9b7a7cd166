import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { BulletinReceipts } from '../../../../protocol/api.gen.ts';
import { b } from '../../../../words/console/bulletins_words.ts';
import { asOfWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { lazyPart } from '../../../shared/lazy_part.tsx';
import type { BulletinModel, Sample } from './bulletin_model.ts';
import { COLUMNS, columnsOf, csvOf, hasNotified, NOTIFIED, regionsOf, totalOf, type Column, type Row, type SortBy, type Sorting } from './figures.ts';

const ReachChart: ComponentType<{ samples: readonly Sample[] }> = lazyPart(
  async () => (await import('./reach_chart.tsx')).ReachChart,
  () => b('chart.loading'),
  () => b('chart.failed'),
);

/** How far it came, and with how many: in all, by region, and while somebody looks on. */
export function Figures({ model, canFollowUp, now }: { model: BulletinModel; canFollowUp: boolean; now: number }) {
  const receipts = model.receipts.value;
  return (
    <section class="panel figures" aria-labelledby="figures-title">
      <div class="panel-head">
        <h2 id="figures-title">{b('figures')}</h2>
        {receipts !== null && <p class="hint">{b('as_of', { time: asOfWords(receipts.as_of_ms, now) })}</p>}
        {receipts !== null && (
          <button type="button" class="button button-quiet" onClick={() => download(receipts, model.id)}>
            {b('figures.csv')}
          </button>
        )}
      </div>
      {receipts === null ? (
        <p class="hint" role="status">
          {b('figures.loading')}
        </p>
      ) : (
        <>
          <Totals receipts={receipts} />
          {receipts.over && <p class="hint">{b('figures.over')}</p>}
          {canFollowUp && !receipts.over && <FollowUp row={totalOf(receipts)} id={model.id} />}
          <Regions receipts={receipts} />
          <h3>{b('chart')}</h3>
          <div class="reach-place">
            <ReachChart samples={model.samples.value} />
          </div>
        </>
      )}
    </section>
  );
}

/** How far it came, and beside it who was notified: two matters, two rows. */
function Totals({ receipts }: { receipts: BulletinReceipts }) {
  const row = totalOf(receipts);
  return (
    <>
      <TotalsRow row={row} columns={COLUMNS} />
      {hasNotified(receipts) && <TotalsRow row={row} columns={NOTIFIED} look="figures-notified" />}
    </>
  );
}

function TotalsRow({ row, columns, look = '' }: { row: Row; columns: readonly Column[]; look?: string }) {
  return (
    <dl class={`figures-totals ${look}`} aria-live="off">
      {columns.map((column) => (
        <div key={column} class={`figures-total figures-${column}`}>
          <dt>{b(`stage.${column}`)}</dt>
          <dd>
            <strong>{formatNumber(row[column], language.value)}</strong> <span class="hint">{b(`stage.${column}.about`)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FollowUp({ row, id }: { row: Row; id: string }) {
  const unseen = Math.max(0, row.accepted - row.acknowledged);
  return (
    <p class="actions">
      {row.not_reached > 0 && (
        <a class="button" href={`#compose/follow-up/${id}/received`}>
          {b.counted('follow_up.received', row.not_reached)}
        </a>
      )}
      {unseen > 0 && (
        <a class="button button-quiet" href={`#compose/follow-up/${id}/acknowledged`}>
          {b.counted('follow_up.acknowledged', unseen)}
        </a>
      )}
      {row.not_reached === 0 && unseen === 0 && <span class="hint">{b('follow_up.nobody')}</span>}
    </p>
  );
}

function Regions({ receipts }: { receipts: BulletinReceipts }) {
  const [sorting, sort] = useState<Sorting>({ by: 'not_reached', isDown: true });
  const rows = regionsOf(receipts, sorting);
  if (rows.length === 0) return <p class="hint">{b('figures.no_regions')}</p>;
  const by = (column: SortBy): void => sort({ by: column, isDown: sorting.by === column ? !sorting.isDown : column !== 'region' });
  return (
    <div class="figures-scroll" role="region" tabIndex={0} aria-label={b('figures.by_region')}>
      <table class="table figures-table">
        <caption>{b('figures.by_region')}</caption>
        <thead>
          <tr>
            {(['region', ...columnsOf(receipts)] as const).map((column) => (
              <th key={column} scope="col" aria-sort={sorting.by === column ? (sorting.isDown ? 'descending' : 'ascending') : 'none'}>
                <button type="button" class="figures-sort" onClick={() => by(column)}>
                  {column === 'region' ? b('region') : b(`stage.${column}`)}
                  <span aria-hidden="true">{sorting.by === column ? (sorting.isDown ? ' ↓' : ' ↑') : ' ↕'}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.region}>
              <th scope="row">{row.region}</th>
              {columnsOf(receipts).map((column) => (
                <td key={column}>{formatNumber(row[column], language.value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">{b('figures.regions_about')}</p>
    </div>
  );
}

function download(receipts: BulletinReceipts, id: string): void {
  const heads = [b('region'), ...columnsOf(receipts).map((column) => b(`stage.${column}`))];
  const address = URL.createObjectURL(new Blob(['\uFEFF', csvOf(receipts, heads, b('region.all'))], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `holdfast-${id}.csv`;
  link.click();
  URL.revokeObjectURL(address);
}
