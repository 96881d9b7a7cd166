import type { WatchPoint } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/watch_words.ts';
import { asOfWords, clockWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { Chart, type ChartScale } from '../shared/chart.tsx';
import { minutesOf, seriesOf } from './chart_data.ts';
import { durationWords } from './figure_words.ts';

/** So long, however little of it is known yet: then nothing jumps. */
const SHOWN_S = 15 * 60;
const SCALE: ChartScale = { shown: (_first, last) => [last - SHOWN_S, last], timeWords: (seconds) => clockWords(seconds * 1_000) };

/** The last quarter of an hour, as two charts and as a table. */
export function RecentView({ points, now }: { points: readonly WatchPoint[]; now: number }) {
  const series = seriesOf(points);
  const minutes = minutesOf(points);
  const says = {
    minutes: minutes.length,
    admitted: most(series.admitted),
    waiting: most(series.waiting),
    refused: most(series.refused),
    delay: most(series.delayMs),
  };
  return (
    <section class="panel desk-parts" aria-labelledby="watch-chart-title">
      <h2 id="watch-chart-title">{w('chart.title')}</h2>
      {points.length === 0 && <p class="hint">{w('chart.empty')}</p>}
      <div>
        <h3>{w('chart.people')}</h3>
        <Chart
          times={series.times}
          scale={SCALE}
          says={w('chart.says.people', says)}
          series={[
            { label: w('chart.admitted'), values: series.admitted, look: 'good' },
            { label: w('chart.waiting'), values: series.waiting, look: 'waits' },
            { label: w('chart.refused'), values: series.refused, look: 'gone' },
          ]}
        />
      </div>
      <div>
        <h3>{w('chart.delay')}</h3>
        <Chart
          times={series.times}
          scale={SCALE}
          says={w('chart.says.delay', says)}
          series={[{ label: w('chart.delay.series'), values: series.delayMs, look: 'plain' }]}
        />
      </div>
      {minutes.length > 0 && (
        <details>
          <summary>{w('chart.table')}</summary>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{w('chart.minute')}</th>
                <th scope="col">{w('came.admitted')}</th>
                <th scope="col">{w('came.waiting')}</th>
                <th scope="col">{w('came.refused')}</th>
                <th scope="col">{w('chart.worst')}</th>
                <th scope="col">{w('chart.level')}</th>
              </tr>
            </thead>
            <tbody>
              {minutes.map((minute) => (
                <tr key={minute.at}>
                  <td>{asOfWords(minute.at, now)}</td>
                  <td data-label={w('came.admitted')}>{formatNumber(minute.admitted, language.value)}</td>
                  <td data-label={w('came.waiting')}>{formatNumber(minute.waiting, language.value)}</td>
                  <td data-label={w('came.refused')}>{formatNumber(minute.refused, language.value)}</td>
                  <td data-label={w('chart.worst')}>{durationWords(minute.delayMs)}</td>
                  <td data-label={w('chart.level')}>{w(`level.${minute.posture}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}

function most(values: readonly (number | null)[]): string {
  return formatNumber(Math.round(Math.max(0, ...values.map((value) => value ?? 0))), language.value);
}
