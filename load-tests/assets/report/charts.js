// The charts: one card per chart, with its words beside it, so that nothing is told by the picture alone.

const COLOURS = 8;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const PLOT_HEIGHT = 200;
const FAULT_FLAG = 18;
const NAMES_ROW = 22;
const FLAGS_ROW = FAULT_FLAG + 2;
const SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400];
const BINARY = Array.from({ length: 44 }, (_, power) => 2 ** power);

/** All that were drawn: they are drawn anew when the theme changes, or the width, or for paper. */
const drawn = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function lineColour(index) {
  return `line-${(index % COLOURS) + 1}`;
}

/** Fewer lines of one colour than of one dash, so that a pair of both is never used twice. */
function lineDash(index) {
  return DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length];
}

function canvasFont(u, weight = 400) {
  return `${weight} ${Math.round(12 * uPlot.pxRatio)}px ${colour('font')}`;
}

/** A point without neighbours makes no line, so it must be drawn as a point. */
function lonelyPoints(u, seriesIndex) {
  const values = u.data[seriesIndex];
  const lonely = [];
  values.forEach((value, index) => {
    if (value != null && values[index - 1] == null && values[index + 1] == null) lonely.push(index);
  });
  return lonely.length ? lonely : null;
}

function plotSeries(line, index) {
  const stroke = () => colour(lineColour(index));
  return {
    label: line.name,
    stroke,
    width: 1.75,
    dash: lineDash(index),
    fill: line.fill ? () => colour('line-wash') : undefined,
    points: {
      show: Boolean(line.points),
      size: 6,
      filter: line.points ? undefined : lonelyPoints,
      stroke,
      fill: stroke,
    },
  };
}

function axisLook() {
  return {
    stroke: () => colour('ink-soft'),
    font: `12px ${colour('font')}`,
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { stroke: () => colour('grid'), width: 1, size: 4 },
  };
}

/** As wide as its longest label, and never so narrow that charts below each other would not line up. */
function axisWidth(u, labels, axisIndex, cycle) {
  const axis = u.axes[axisIndex];
  if (cycle > 1) return axis._size;
  u.ctx.font = axis.font[0];
  const longest = Math.max(0, ...(labels ?? []).map((label) => u.ctx.measureText(label ?? '').width));
  return Math.max(64, Math.ceil(longest / uPlot.pxRatio) + axis.ticks.size + axis.gap + 4);
}

function fromZero(u, low, high) {
  return [0, high > 0 ? high * 1.08 : 1];
}

/** The nearest 1, 2 or 5 times a power of ten. */
function roundTo125(value, up) {
  const power = 10 ** Math.floor(Math.log10(value));
  const steps = [1, 2, 5, 10].map((step) => step * power);
  return up
    ? (steps.find((step) => step >= value * 0.9999) ?? steps[3])
    : steps.findLast((step) => step <= value * 1.0001);
}

function logarithmicRange(u, low, high) {
  if (!(low > 0) || !(high > 0)) return [1, 10];
  const bottom = roundTo125(low, false);
  const top = roundTo125(high, true);
  return top / bottom >= 10 ? [bottom, top] : [bottom / 2, bottom * 10];
}

/** Lines of the grid at every power of ten; at 1, 2 and 5 where there are few. */
function logarithmicSplits(u, axisIndex, low, high) {
  const steps = high / low > 200 ? [1] : [1, 2, 5];
  const splits = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    splits.push(...steps.map((step) => step * 10 ** power));
  }
  return splits.filter((split) => split >= low * 0.9999 && split <= high * 1.0001);
}

/** The whole run, unless someone looked closer. */
function wholeRun(times, end) {
  return (u, low, high) => (times.length < 2 || (low === times[0] && high === times.at(-1)) ? [0, end] : [low, high]);
}

function visiblePart(u, from, to) {
  const { left, width } = u.bbox;
  const clamp = (x) => Math.min(left + width, Math.max(left, x));
  return [clamp(u.valToPos(from, 'x', true)), clamp(u.valToPos(to, 'x', true))];
}

function fitsInto(context, text, width) {
  return context.measureText(text).width <= width;
}

/** Bands behind the lines; the name above its band, or its number where the name has no room. */
function paintPhases(u, { phases, faults }) {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const top = bbox.top - (faults.length ? FLAGS_ROW * ratio : 0);
  const height = bbox.top + bbox.height - top;
  ctx.save();
  ctx.font = canvasFont(u);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  phases.forEach((phase, index) => {
    const [from, to] = visiblePart(u, phase.at_s, phase.at_s + phase.took_s);
    if (to - from < 1) return;
    if (index % 2 === 0) {
      ctx.fillStyle = colour('band');
      ctx.fillRect(from, top, to - from, height);
    }
    ctx.fillStyle = colour('rule-strong');
    ctx.fillRect(from, top - 5 * ratio, ratio, 5 * ratio);
    ctx.fillStyle = colour('ink-soft');
    const room = to - from - 8 * ratio;
    const label = [phase.name, String(index + 1)].find((text) => fitsInto(ctx, text, room));
    if (label) ctx.fillText(label, from + 5 * ratio, top - 3 * ratio);
  });
  ctx.restore();
}

/** Where the flags stand: over their lines, or as near as their neighbours allow. */
function flagPlaces(centres, size, left, right) {
  const places = [];
  centres.forEach((centre, index) =>
    places.push(Math.max(centre - size / 2, left, index ? places[index - 1] + size : left)),
  );
  for (let index = places.length - 1, end = right; index >= 0; index -= 1) {
    places[index] = Math.min(places[index], end - size);
    end = places[index];
  }
  return places;
}

function paintFlag(ctx, mark, left, top, size) {
  ctx.fillStyle = colour('ink');
  ctx.fillRect(left, top, size - uPlot.pxRatio, size);
  ctx.fillStyle = colour('card');
  ctx.fillText(mark, left + (size - uPlot.pxRatio) / 2, top + size / 2 + uPlot.pxRatio / 2);
}

function paintFaults(u, faults) {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const size = FAULT_FLAG * ratio;
  const right = bbox.left + bbox.width;
  const seen = faults
    .map(({ mark, at_s: at }) => ({ mark, x: u.valToPos(at, 'x', true) }))
    .filter(({ x }) => x >= bbox.left && x <= right)
    .sort((a, b) => a.x - b.x);
  const places = flagPlaces(
    seen.map(({ x }) => x),
    size,
    bbox.left,
    right,
  );
  ctx.save();
  ctx.font = canvasFont(u, 600);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = colour('ink');
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  for (const { x } of seen) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top - (FLAGS_ROW - FAULT_FLAG) * ratio);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  seen.forEach(({ mark }, index) => paintFlag(ctx, mark, places[index], bbox.top - FLAGS_ROW * ratio, size));
  ctx.restore();
}

function showValues(u, spec, values, at) {
  const index = u.cursor.idx;
  at.textContent = index == null ? '' : spec.atText(u.data[0][index]);
  values.forEach((value, line) => {
    const number = index == null ? undefined : u.data[line + 1][index];
    value.textContent = index == null ? '' : spec.format(number);
  });
}

function xAxis(spec) {
  const look = axisLook();
  const steps = spec.steps
    ? {
        splits: () => spec.steps.map((_, index) => index),
        values: (u, splits) => splits.map((at) => spec.steps[at] ?? ''),
      }
    : { incrs: SECONDS, space: 64, values: (u, splits) => splits.map((at) => clock(at)) };
  return { ...look, ...steps, size: 30 };
}

function yAxis(spec) {
  const values = (u, splits) => splits.map((value) => (value == null ? '' : spec.tick(value)));
  const steps = spec.log ? { splits: logarithmicSplits, filter: (u, splits) => splits } : { incrs: spec.incrs };
  return { ...axisLook(), size: axisWidth, values, space: 34, ...steps };
}

/** The names of the phases stand above the plot, and the faults' flags between both. */
function roomAbove({ phases, faults }) {
  return 6 + (phases.length ? NAMES_ROW : 0) + (faults.length ? FLAGS_ROW : 0);
}

function plotOptions(spec, width, run, onCursor) {
  const overTime = !spec.steps;
  const above = overTime ? roomAbove(run) : 10;
  return {
    width,
    height: PLOT_HEIGHT + above,
    padding: [above, 16, 0, 0],
    legend: { show: false },
    focus: { alpha: 1 },
    cursor: { y: false, drag: { x: overTime, y: false }, ...(overTime && { sync: { key: 'run' } }) },
    scales: {
      x: { time: false, range: overTime ? wholeRun(spec.times, run.end) : [-0.25, spec.steps.length - 0.75] },
      y: spec.log ? { distr: 3, log: 10, range: logarithmicRange } : { range: fromZero },
    },
    axes: [xAxis(spec), yAxis(spec)],
    series: [{}, ...spec.lines.map(plotSeries)],
    hooks: {
      drawClear: overTime ? [(u) => paintPhases(u, run)] : [],
      draw: overTime ? [(u) => paintFaults(u, run.faults)] : [],
      setCursor: [onCursor],
    },
  };
}

function swatch(index) {
  const picture = svgElement('svg', { viewBox: '0 0 26 10', 'aria-hidden': 'true' });
  const line = svgElement('line', { x1: 0, y1: 5, x2: 26, y2: 5, 'stroke-dasharray': lineDash(index).join(' ') });
  line.style.stroke = `var(--${lineColour(index)})`;
  picture.append(line);
  return picture;
}

function legend(spec) {
  const at = element('span', { class: 'value' });
  const values = spec.lines.map(() => element('span', { class: 'value' }));
  const items = spec.lines.map((line, index) =>
    element('li', {}, swatch(index), element('span', {}, line.name), values[index]),
  );
  return { list: element('ul', { class: 'legend' }, ...items, element('li', {}, at)), values, at };
}

function highest(spec, line) {
  return line.values.reduce(
    (best, value, index) => (value != null && (best.value == null || value > best.value) ? { value, index } : best),
    { value: null, index: 0 },
  );
}

/** What a reader would see at a glance, in words. */
function inWords(spec) {
  if (spec.steps) return '';
  const tops = spec.lines
    .map((line) => ({ name: line.name, ...highest(spec, line) }))
    .filter((top) => top.value != null);
  const told = tops.length > 3 ? [tops.reduce((a, b) => (b.value > a.value ? b : a))] : tops;
  return told
    .map((top) => {
      const peak =
        top.value === 0
          ? 'zero throughout'
          : `highest ${spec.format(top.value)} at ${spec.atText(spec.times[top.index])}`;
      return `${capitalised(top.name)}: ${peak}.`;
    })
    .join(' ');
}

function withoutZeros(line) {
  return { ...line, values: line.values.map((value) => (value > 0 ? value : null)) };
}

function hasValues(line) {
  return line.values.some((value) => value != null);
}

let charts = 0;

/**
 * A chart's card. `spec` has a title, times or steps, lines (name and values), format and tick; and may have log, incrs, wide, note.
 * Lines without any value are left out; without lines there is a sentence in the chart's place.
 */
function chart(given, run) {
  const spec = { atText: clock, tick: given.format, ...given };
  spec.lines = given.lines.map((line) => (spec.log ? withoutZeros(line) : line)).filter(hasValues);
  charts += 1;
  const summaryId = `chart-${charts}`;
  const words = [inWords(spec), spec.note].filter(Boolean).join(' ');
  const summary = element(
    'p',
    { class: 'summary', id: summaryId },
    spec.lines.length ? words : (spec.empty ?? 'Nothing was measured.'),
  );
  const card = element('figure', { class: spec.wide ? 'chart wide' : 'chart' });
  card.append(element('figcaption', {}, element('h3', {}, spec.title), summary));
  if (!spec.lines.length) return card;
  const parts = legend(spec);
  const plot = element('div', {
    class: 'plot',
    role: 'img',
    'aria-label': `Chart: ${spec.title}`,
    'aria-describedby': summaryId,
  });
  card.append(plot, parts.list);
  drawn.push({ plot, spec, run, onCursor: (u) => showValues(u, spec, parts.values, parts.at), u: null });
  return card;
}

function drawAll() {
  for (const entry of drawn) {
    const data = [
      entry.spec.times ?? entry.spec.steps.map((_, index) => index),
      ...entry.spec.lines.map((line) => line.values),
    ];
    entry.u = new uPlot(plotOptions(entry.spec, entry.plot.clientWidth, entry.run, entry.onCursor), data, entry.plot);
  }
}

function fit(entry) {
  const width = entry.plot.clientWidth;
  if (width > 0 && width !== entry.u.width) entry.u.setSize({ width, height: entry.u.height });
}

function redrawAll() {
  for (const entry of drawn) {
    fit(entry);
    entry.u.redraw(false, true);
  }
}

/** A canvas does not follow the style sheet by itself. */
function followThePage() {
  new ResizeObserver(() => drawn.forEach(fit)).observe(document.getElementById('main'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redrawAll);
  const print = (on) => () => {
    document.documentElement.classList.toggle('printing', on);
    redrawAll();
  };
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));
}
