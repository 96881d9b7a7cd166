import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Which colour and which dashes: the line is known by either. */
  readonly look: Look;
}

export type Look = keyof typeof LOOKS;

export interface ChartProps {
  /** Seconds since 1970, rising. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** What it shows, for those who do not see it. */
  readonly says: string;
}

/** A token of `tokens.css`, and dashes in pixels. */
const LOOKS = {
  good: { token: '--kelp', dash: [] },
  waits: { token: '--amber', dash: [8, 4] },
  gone: { token: '--red', dash: [2, 3] },
  plain: { token: '--ink', dash: [] },
} as const satisfies Record<string, { readonly token: string; readonly dash: readonly number[] }>;

const HEIGHT_PX = 200;
const LINE_PX = 2;
/** So long, however little of it is known yet: then nothing jumps. */
const SHOWN_S = 15 * 60;

/** Lines over time. What draws it comes when it is first looked at; it takes its colours from the theme. */
export function Chart({ times, series, says }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing | null>(null);
  const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  const looks = series.map(({ look }) => look).join(' ');
  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    const begun = new Drawing(host, looks.split(' ').filter(isLook), () => latest.current);
    drawing.current = begun;
    return () => begun.end();
  }, [looks]);
  useEffect(() => drawing.current?.redraw());
  return (
    <figure class="chart">
      <ul class="chart-key plain">
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
  readonly #data: () => uPlot.AlignedData;
  readonly #ends: (() => void)[] = [];
  #chart: uPlot | null = null;
  #isOver = false;

  constructor(host: HTMLElement, looks: readonly Look[], data: () => uPlot.AlignedData) {
    this.#host = host;
    this.#looks = looks;
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
      this.#chart = new UPlot(optionsOf(this.#host, this.#looks), this.#data(), this.#host);
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

function optionsOf(host: HTMLElement, looks: readonly Look[]): uPlot.Options {
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
      x: { range: (_chart, _first, last) => [last - SHOWN_S, last] },
      y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [{ ...axis, values: (_chart, splits) => splits.map(clockOf) }, { ...axis, size: 56 }],
    series: [
      {},
      ...looks.map((look) => ({
        stroke: colour(LOOKS[look].token),
        width: LINE_PX,
        dash: [...LOOKS[look].dash],
        points: { show: false },
      })),
    ],
  };
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

function clockOf(seconds: number): string {
  return clockFormat.format(seconds * 1_000);
}

function isLook(word: string): word is Look {
  return Object.hasOwn(LOOKS, word);
}
