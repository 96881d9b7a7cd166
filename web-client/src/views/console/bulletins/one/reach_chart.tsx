import { b } from '../../../../words/console/bulletins_words.ts';
import { exactTime } from '../../../../words/exact_time.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { Chart, type ChartScale, type Look } from '../../shared/chart.tsx';
import type { Sample } from './bulletin_model.ts';
import { STAGES } from './figures.ts';

/** Each stage has a dash of its own, so that colour never speaks alone. */
const LOOKS = { accepted: 'soft', written: 'waits', received: 'good', acknowledged: 'marked' } as const satisfies Record<string, Look>;

/** Seconds that are shown when there is little to see yet. */
const SHOWN_LEAST_S = 30;
const SCALE: ChartScale = {
  shown: (first, last) => [first, Math.max(last, first + SHOWN_LEAST_S)],
  timeWords: (seconds) => exactTime(seconds * 1_000),
  isWhole: true,
};
/** Rows of the table under it: the latest, one after another. */
const TABLE_ROWS = 12;

/** How the figures grew since this page was opened; the same figures stand in a table for whoever does not see lines. */
export function ReachChart({ samples }: { samples: readonly Sample[] }) {
  return (
    <div class="reach-chart">
      <p class="hint">{b('chart.about')}</p>
      <Chart
        times={samples.map(({ at }) => at / 1_000)}
        series={STAGES.map((stage) => ({ label: b(`stage.${stage}`), values: samples.map((sample) => sample[stage]), look: LOOKS[stage] }))}
        scale={SCALE}
        says={b('chart.says')}
      />
      <details>
        <summary>{b('chart.table')}</summary>
        <table class="table figures-table">
          <thead>
            <tr>
              <th scope="col">{b('chart.time')}</th>
              {STAGES.map((stage) => (
                <th scope="col" key={stage}>
                  {b(`stage.${stage}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rowsOf(samples).map((sample) => (
              <tr key={sample.at}>
                <th scope="row">{exactTime(sample.at)}</th>
                {STAGES.map((stage) => (
                  <td key={stage}>{formatNumber(sample[stage], language.value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

/** Where something changed, from the latest. */
function rowsOf(samples: readonly Sample[]): readonly Sample[] {
  const isNew = (sample: Sample, at: number): boolean => {
    const before = samples[at - 1];
    return before === undefined || STAGES.some((stage) => before[stage] !== sample[stage]);
  };
  return samples.filter(isNew).slice(-TABLE_ROWS).reverse();
}
