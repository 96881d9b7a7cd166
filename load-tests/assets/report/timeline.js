// The run over time: which charts there are, and the key by which they speak of phases and faults.

/** One line for each process that was there, with a gap where it was not. */
function processLines(series, group, field) {
  const names = [...new Set(series.flatMap((interval) => interval[group].map((process) => process.name)))];
  return names.map((name) => ({
    name,
    values: series.map((interval) => interval[group].find((process) => process.name === name)?.[field] ?? null),
  }));
}

function processCharts(series, times, group, whose) {
  const cpu = processLines(series, group, 'cpu');
  const shared = { times, wide: cpu.length > 4, empty: 'No such process could be watched.' };
  return [
    {
      ...shared,
      title: `CPU of ${whose}`,
      lines: cpu,
      format: percent,
      tick: percent,
      note: '100 % is one core, busy all the time.',
    },
    {
      ...shared,
      title: `Memory of ${whose}`,
      lines: processLines(series, group, 'memory_bytes'),
      format: bytes,
      incrs: BINARY,
    },
  ];
}

function clientsChart(series, counts, level) {
  const broken = series.reduce((sum, interval) => sum + (interval.disconnected ?? 0), 0);
  const connections = broken ? counted(broken, 'connection', 'connections') : 'No connection';
  return {
    ...counts,
    title: 'Clients',
    wide: true,
    note: `${connections} ended without the generator’s wish.`,
    lines: [level('connected', 'connected', { fill: true }), level('ready', 'ready')],
  };
}

function rateCharts(series, counts) {
  const perSecond = (interval, field) => (interval.dt > 0 ? interval[field] / interval.dt : null);
  const rate = (field, more) => ({
    name: field,
    values: series.map((interval) => perSecond(interval, field)),
    ...more,
  });
  const format = (value) => withUnit(plainNumber(isNumber(value) ? Math.round(value * 10) / 10 : value), '/s');
  return [
    { ...counts, format, title: 'Deliveries per second', wide: true, lines: [rate('delivered', { fill: true })] },
    { ...counts, format, title: 'Publishes per second', lines: [rate('published'), rate('acknowledged')] },
  ];
}

function latencyCharts(times, level) {
  const shared = { times, format: milliseconds, log: true, note: 'Logarithmic scale.' };
  const live = [level('p50', 'live_p50_ms'), level('p99', 'live_p99_ms'), level('max', 'live_max_ms')];
  const publish = [level('p50', 'publish_p50_ms'), level('p99', 'publish_p99_ms')];
  return [
    { ...shared, title: 'Live latency', wide: true, empty: 'There were no live deliveries.', lines: live },
    { ...shared, title: 'Publish latency', empty: 'No publish was answered.', lines: publish },
  ];
}

function timeCharts(series) {
  const times = series.map((interval) => interval.t);
  const level = (name, field, more) => ({ name, values: series.map((interval) => interval[field]), ...more });
  const counts = { times, format: plainNumber, tick: compactNumber };
  const [deliveries, publishes] = rateCharts(series, counts);
  const [liveLatency, publishLatency] = latencyCharts(times, level);
  return [
    clientsChart(series, counts, level),
    deliveries,
    liveLatency,
    publishes,
    publishLatency,
    ...processCharts(series, times, 'servers', 'the server'),
    ...processCharts(series, times, 'generators', 'the generators'),
  ];
}

function highestOf(series, field) {
  return series.reduce((best, interval) => Math.max(best, interval[field] ?? 0), 0);
}

function readersChart(series) {
  const counts = { missing: 'missing', duplicated: 'delivered twice', out_of_order: 'out of order' };
  if (!Object.keys(counts).some((field) => highestOf(series, field) > 0)) return null;
  return {
    times: series.map((interval) => interval.t),
    format: plainNumber,
    tick: compactNumber,
    title: 'Missing, twice, out of order',
    wide: true,
    note: 'As the readers found it on the way; what is missing for a moment may still come.',
    lines: Object.entries(counts).map(([field, name]) => ({ name, values: series.map((interval) => interval[field]) })),
  };
}

function keyRow(name, items) {
  return element(
    'div',
    { class: 'row' },
    element('span', { class: 'name' }, name),
    element('div', { class: 'items' }, ...items),
  );
}

function chartKey({ phases, faults }) {
  const named = (badge, text, more = '') =>
    element('span', {}, element('span', { class: `badge ${more}` }, badge), text);
  const phaseNames = phases.map((phase, index) => named(String(index + 1), `${phase.name}, from ${clock(phase.at_s)}`));
  const faultNames = faults.map((fault) => named(fault.mark, `${fault.what}, at ${clock(fault.at_s)}`, 'fault'));
  const how =
    'Point at a chart to read its values, drag across it to look closer, double-click to see the whole run again.';
  const key = element('div', { class: 'key' });
  if (phases.length) key.append(keyRow('Phases', phaseNames));
  if (faults.length) key.append(keyRow('Faults', faultNames));
  key.append(element('p', { class: 'hint with-mouse' }, how));
  return key;
}

function posturesInWords(series) {
  const changes = series.filter(({ posture }, index) => posture && posture !== series[index - 1]?.posture);
  if (!changes.length) return null;
  const told = changes.map(({ posture, t, dt }) => `${posture} (${clock(Math.max(0, t - dt))})`);
  return element('p', { class: 'hint after' }, `The server said of itself: ${told.join(', ')}.`);
}

function showTime(series, run) {
  if (!series.length) return fill('time', sentence('No interval was recorded, so there is nothing to draw.'));
  const readers = readersChart(series);
  const cards = [...timeCharts(series), readers].filter(Boolean).map((spec) => chart(spec, run));
  fill('time', chartKey(run), element('div', { class: 'charts' }, ...cards), posturesInWords(series));
  const even = 'At no interval had readers found anything missing, delivered twice or out of order.';
  return fill('time', readers ? null : element('p', { class: 'hint after' }, even));
}
