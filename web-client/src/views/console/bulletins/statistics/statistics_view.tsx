import { useEffect, useRef } from 'preact/hooks';
import { b } from '../../../../words/console/bulletins_words.ts';
import { asOfWords, monthWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { Chart, type ChartScale } from '../../shared/chart.tsx';
import { shareOf, type Month } from './months.ts';
import { COUNTED_MOST, type StatisticsModel } from './statistics_model.ts';

/** Room for the words under the first month and the last. */
const HALF_A_MONTH_S = 15 * 86_400;
const SCALE: ChartScale = {
  shown: (first, last) => [first - HALF_A_MONTH_S, last + HALF_A_MONTH_S],
  timeWords: (seconds) => monthWords(seconds * 1_000),
  most: 100,
  isEach: true,
};

/** The last twelve months in figures. They are sums: who they were is kept nowhere for them. */
export function StatisticsView({ model, now }: { model: StatisticsModel; now: number }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    void model.read();
    return () => model.stop();
  }, [model]);
  const statistics = model.statistics.value;
  return (
    <div class="bulletin-one">
      <p>
        <a class="back" href="#bulletins">
          {b('all')}
        </a>
      </p>
      <section class="panel" aria-labelledby="statistics-title">
        <h1 id="statistics-title" ref={heading} tabIndex={-1}>
          {b('stats')}
        </h1>
        <p class="hint">{b('stats.about')}</p>
        {statistics.kind === 'reading' && (
          <p class="hint" role="status">
            {statistics.of === null ? b('stats.reading') : b('stats.reading.of', { done: statistics.done, of: statistics.of })}
          </p>
        )}
        {statistics.kind === 'failed' && (
          <>
            <p class="problem" role="alert">
              {b('stats.failed')} {failureWords(statistics.why)}
            </p>
            <p class="actions">
              <button type="button" class="button" onClick={() => void model.read()}>
                {b('stats.again')}
              </button>
            </p>
          </>
        )}
        {statistics.kind === 'read' && (
          <>
            <p class="hint">
              {b('as_of', { time: asOfWords(statistics.asOf, now) })} {statistics.isPart && b('stats.part', { count: COUNTED_MOST })}
            </p>
            {statistics.months.length === 0 ? <p>{b('stats.nothing')}</p> : <Months months={statistics.months} />}
          </>
        )}
      </section>
    </div>
  );
}

function Months({ months }: { months: readonly Month[] }) {
  const received = months.map((month) => shareOf(month.received, month.addressed));
  const acknowledged = months.map((month) => shareOf(month.acknowledged, month.asked));
  return (
    <>
      <table class="table" aria-labelledby="statistics-title">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {b(`stats.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.map((month, at) => (
            <tr key={month.from}>
              <td>{monthWords(month.from)}</td>
              <td data-label={b('stats.sent')}>{formatNumber(month.sent, language.value)}</td>
              <td data-label={b('stats.addressed')}>{formatNumber(month.addressed, language.value)}</td>
              <td data-label={b('stats.received')}>{percentWords(received[at])}</td>
              <td data-label={b('stats.acknowledged')}>{percentWords(acknowledged[at])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {months.length > 1 && (
        <Chart
          times={months.map(({ from }) => from / 1_000)}
          series={[
            { label: b('stats.received'), values: received, look: 'good' },
            { label: b('stats.acknowledged'), values: acknowledged, look: 'marked' },
          ]}
          scale={SCALE}
          says={b('stats.says')}
        />
      )}
      <p class="hint">{b('stats.addressed.about')}</p>
    </>
  );
}

const COLUMNS = ['month', 'sent', 'addressed', 'received', 'acknowledged'] as const;

function percentWords(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${formatNumber(Math.round(share), language.value)} %`;
}
