import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { b } from '../../../../words/console/bulletins_words.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import type { Sample } from './bulletin_model.ts';
import { STAGES } from './figures.ts';

/** One line a stage; each has a dash of its own, so that colour never speaks alone. */
const LINES = {
  accepted: { token: '--ink-soft', dash: [2, 4] },
  written: { token: '--amber', dash: [8, 4] },
  received: { token: '--kelp', dash: [] },
  acknowledged: { token: '--focus', dash: [12, 3, 2, 3] },
} as const;

const HEIGHT = 220;
/** Seconds that are shown when there is little to see yet. */
const SHOWN_LEAST_S = 30;
/** There are no halves of members. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000] as const;
/** Rows of the table under it: the latest, one after another. */
const TABLE_ROWS = 12;

/** How the figures grew since this page was opened; the same figures stand in a table for whoever does not see lines. */
export function Chart({ samples }: { samples: readonly Sample[] }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(samples);
  latest.current = samples;
  const words = language.value;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(element), dataOf(latest.current), element);
    };
    const resize = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    const themes = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'].map((query) => matchMedia(query));
    draw();
    resize.observe(element);
    for (const theme of themes) theme.addEventListener('change', draw);
    return () => {
      for (const theme of themes) theme.removeEventListener('change', draw);
      resize.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [words]);
  useEffect(() => plot.current?.setData(dataOf(samples)), [samples]);
  return (
    <figure class="reach-chart">
      <figcaption class="hint">{b('chart.about')}</figcaption>
      <ul class="reach-chart-key" aria-hidden="true">
        {STAGES.map((stage) => (
          <li key={stage}>
            <svg viewBox="0 0 36 8" width="36" height="8">
              <line class={`reach-line-${stage}`} x1="0" y1="4" x2="36" y2="4" stroke-width="3" stroke-dasharray={LINES[stage].dash.join(' ')} />
            </svg>
            {b(`stage.${stage}`)}
          </li>
        ))}
      </ul>
      <div ref={place} class="reach-chart-place" aria-hidden="true" />
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
                <th scope="row">{clock.format(sample.at)}</th>
                {STAGES.map((stage) => (
                  <td key={stage}>{formatNumber(sample[stage], language.value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** Where something changed, from the latest. */
function rowsOf(samples: readonly Sample[]): readonly Sample[] {
  const isNew = (sample: Sample, at: number): boolean => {
    const before = samples[at - 1];
    return before === undefined || STAGES.some((stage) => before[stage] !== sample[stage]);
  };
  return samples.filter(isNew).slice(-TABLE_ROWS).reverse();
}

function dataOf(samples: readonly Sample[]): UPlot.AlignedData {
  return [samples.map(({ at }) => at / 1_000), ...STAGES.map((stage) => samples.map((sample) => sample[stage]))];
}

/** From the first to the last, and some room while there is little. */
function shownOf(moments: ArrayLike<number>): [number, number] {
  const [first, last] = [moments[0] ?? 0, moments[moments.length - 1] ?? 0];
  return [first, Math.max(last, first + SHOWN_LEAST_S)];
}

function optionsOf(element: HTMLElement): UPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: token('--ink-soft'),
    font: `13px ${token('--font')}`,
    grid: { stroke: token('--rule'), width: 1 },
    ticks: { stroke: token('--rule'), width: 1 },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: ({ data: [moments] }) => shownOf(moments) },
      y: { range: (_plot, _least, most) => [0, Math.max(1, most)] },
    },
    axes: [
      { ...axis, space: 90, values: (_plot, moments) => moments.map((moment) => clock.format(moment * 1_000)) },
      { ...axis, size: 64, incrs: [...STEPS], values: (_plot, counts) => counts.map((count) => formatNumber(count, language.value)) },
    ],
    series: [
      {},
      ...STAGES.map((stage) => ({
        label: stage,
        stroke: token(LINES[stage].token),
        width: 2.5,
        dash: [...LINES[stage].dash],
        points: { show: false },
      })),
    ],
  };
}
