import 'uplot/dist/uPlot.min.css';
import '../../../styles/console/chart.css';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatNumber, language } from '../../../words/translator.ts';

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Which colour and which dashes: the line is known by either. */
  readonly look: Look;
}

export type Look = keyof typeof LOOKS;

/** How times and figures stand on its sides. It stays the same as long as the chart does. */
export interface ChartScale {
  /** From when to when, of what is known: seconds since 1970. */
  readonly shown: (first: number, last: number) => [number, number];
  readonly timeWords: (seconds: number) => string;
  /** Of which there are no halves. */
  readonly isWhole?: boolean;
  /** The most that there can be; without it, the most that there is. */
  readonly most?: number;
  /** Whether each time counts by itself: it has a dot, and a word under it. */
  readonly isEach?: boolean;
}

export interface ChartProps {
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly scale: ChartScale;
  /** What it shows, for those who do not see it. */
  readonly says: string;
}

/** A token of `tokens.css`, and dashes in pixels. */
const LOOKS = {
  good: { token: '--kelp', dash: [] },
  waits: { token: '--amber', dash: [8, 4] },
  gone: { token: '--red', dash: [2, 3] },
  plain: { token: '--ink', dash: [] },
  soft: { token: '--ink-soft', dash: [2, 4] },
  marked: { token: '--focus', dash: [12, 3, 2, 3] },
} as const satisfies Record<string, { readonly token: string; readonly dash: readonly number[] }>;

const HEIGHT_PX = 200;
const LINE_PX = 2;
const POINT_PX = 9;
const WHOLE_STEPS = [1, 2, 5].flatMap((step) => [1, 10, 100, 1_000, 10_000, 100_000].map((power) => step * power)).sort((a, b) => a - b);

/** Lines over time. What draws it comes when it is first looked at; it takes its colours from the theme. */
export function Chart({ times, series, scale, says }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  const looks = series.map(({ look }) => look).join(' ');
  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const begun = new Drawing(host, looks.split(' ').filter(isLook), scale, () => latest.current);
    drawing.current = begun;
    return () => begun.end();
  }, [looks, scale, language.value]);
  useEffect(() => drawing.current?.redraw());
  return (
    <figure class="chart">
      <ul class="chart-key">
        {series.map(({ label, look }) => (
          <li key={label}>
            <svg class={`chart-sample chart-${look}`} viewBox="0 0 28 8" aria-hidden="true">
              <line x1="0" y1="4" x2="28" y2="4" stroke-dasharray={LOOKS[look].dash.join(' ') || 'none'} />
            </svg>
            {label}
          </li>
        ))}
      </ul>
      <div class="chart-place" ref={place} role="img" aria-label={says} />
    </figure>
  );
}

/** One chart on the page, from when its code came until the page goes on. */
class Drawing {
  readonly #host: HTMLElement;
  readonly #looks: readonly Look[];
  readonly #scale: ChartScale;
  readonly #data: () => uPlot.AlignedData;
  readonly #ends: (() => void)[] = [];
  #chart: uPlot | null = null;
  #isOver = false;

  constructor(host: HTMLElement, looks: readonly Look[], scale: ChartScale, data: () => uPlot.AlignedData) {
    this.#host = host;
    this.#looks = looks;
    this.#scale = scale;
    this.#data = data;
    void this.#begin();
  }

  redraw(): void {
    this.#chart?.setData(this.#data());
  }

  end(): void {
    this.#isOver = true;
    for (const end of this.#ends) end();
    this.#chart?.destroy();
  }

  async #begin(): Promise<void> {
    const { default: UPlot } = await import('uplot');
    if (this.#isOver) return;
    const draw = (): void => {
      this.#chart?.destroy();
      this.#chart = new UPlot(optionsOf(this.#host, this.#looks, this.#scale), this.#data(), this.#host);
    };
    draw();
    const size = new ResizeObserver(() => this.#chart?.setSize({ width: this.#host.clientWidth, height: HEIGHT_PX }));
    size.observe(this.#host);
    this.#ends.push(() => size.disconnect());
    for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
      const media = matchMedia(query);
      media.addEventListener('change', draw);
      this.#ends.push(() => media.removeEventListener('change', draw));
    }
  }
}

function optionsOf(host: HTMLElement, looks: readonly Look[], { shown, timeWords, isWhole = false, most, isEach = false }: ChartScale): uPlot.Options {
  const tokens = getComputedStyle(host);
  const colour = (token: string): string => tokens.getPropertyValue(token).trim();
  const axis = {
    stroke: colour('--ink-soft'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { stroke: colour('--rule'), width: 1 },
    font: `13px ${colour('--font')}`,
  };
  return {
    width: host.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: ({ data: [times] }) => shown(times[0] ?? 0, times[times.length - 1] ?? 0) },
      y: { range: (_chart, _least, highest) => [0, most ?? Math.max(1, highest * 1.1)] },
    },
    axes: [
      { ...axis, space: 90, ...(isEach && { splits: ({ data: [times] }: uPlot) => [...times] }), values: (_chart, times) => times.map(timeWords) },
      {
        ...axis,
        size: 64,
        ...(isWhole && { incrs: WHOLE_STEPS }),
        values: (_chart, figures) => figures.map((figure) => formatNumber(figure, language.value)),
      },
    ],
    series: [
      {},
      ...looks.map((look) => ({
        stroke: colour(LOOKS[look].token),
        width: LINE_PX,
        dash: [...LOOKS[look].dash],
        points: isEach ? { show: true, size: POINT_PX, fill: colour(LOOKS[look].token) } : { show: false },
      })),
    ],
  };
}

function isLook(word: string): word is Look {
  return Object.hasOwn(LOOKS, word);
}
