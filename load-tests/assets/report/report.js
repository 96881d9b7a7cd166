// The page: each part of the report from its part of the summary. What is not there is left out or said to be missing.

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function svgElement(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const STROKES = {
  check: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  question: 'M9 9.2a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9M12 17.2v.1',
};

function sign(name) {
  const picture = svgElement('svg', { class: 'sign', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' });
  picture.append(
    svgElement('circle', { cx: 12, cy: 12, r: 10.5, 'stroke-width': 1.6 }),
    svgElement('path', { d: STROKES[name] }),
  );
  return picture;
}

function sentence(text) {
  return element('p', { class: 'said' }, text);
}

function list(items, type = 'ul') {
  return element(type, { class: 'plain-list' }, ...items.map((item) => element('li', {}, item)));
}

/** A term and what it comes to. */
function pair(term, ...values) {
  return [element('dt', {}, term), ...values.map((value) => element('dd', {}, value))];
}

function cell(column, content) {
  const first = column.header === true;
  const made = element(first ? 'th' : 'td', first ? { scope: 'row' } : {});
  if (column.number) made.classList.add('number');
  if (column.words) made.classList.add('words');
  made.append(...[content].flat());
  return made;
}

/** A table in a card that can be scrolled, by keyboard too. A column has a title and `of`, which gives the content for a row. */
function table(caption, columns, rows) {
  const head = columns.map((column) =>
    element('th', { scope: 'col', ...(column.number && { class: 'number' }) }, column.title),
  );
  const body = rows.map((row, index) =>
    element(
      'tr',
      {},
      ...columns.map((column) => {
        const content = column.of(row, index);
        return content instanceof HTMLTableCellElement ? content : cell(column, content);
      }),
    ),
  );
  const title = element('caption', {}, element('span', {}, caption));
  const made = element(
    'table',
    {},
    title,
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
  return element('div', { class: 'table-card', role: 'region', 'aria-label': caption, tabindex: 0 }, made);
}

function folded(title, content) {
  return element('details', {}, element('summary', {}, title), content);
}

function fill(section, ...content) {
  document.querySelector(`#${section} .body`).append(...content.filter(Boolean));
}

function showTop({ scenario, target, began, took_s: took, machine }) {
  document.getElementById('scenario-name').textContent = scenario.name;
  const description = document.getElementById('scenario-description');
  if (scenario.description) description.textContent = scenario.description;
  else description.remove();
  const facts = [
    ['Began', moment(began)],
    ['Took', duration(took)],
    ['Under load', targetInShort(target)],
    ['Machine', counted(machine.cores, 'core', 'cores')],
    ['Seed', String(scenario.seed)],
  ];
  document.getElementById('facts').append(...facts.map(([term, value]) => element('div', {}, ...pair(term, value))));
}

function targetInShort({ nodes, store }) {
  const name = STORES[store] ?? store;
  return nodes > 0 ? `${counted(nodes, 'node', 'nodes')}, ${name}` : name;
}

function showVerdict({ verdict, reasons }) {
  const { words, tone, sign: name } = VERDICTS[verdict] ?? VERDICTS.unknown;
  const section = document.getElementById('verdict');
  section.classList.add('verdict', tone);
  section.append(sign(name), element('h2', { id: 'verdict-title' }, words));
  if (reasons.length) section.append(element('ul', {}, ...reasons.map((reason) => element('li', {}, reason))));
}

function tile(term, value, note) {
  const parts = [element('dt', {}, term), element('dd', {}, value)];
  if (note) parts.push(element('dd', { class: 'note' }, note));
  return element('div', { class: 'tile' }, ...parts);
}

function shareOf(part, whole) {
  if (!isNumber(part) || !isNumber(whole) || whole <= 0) return '';
  if (part === whole) return 'all';
  // Rounding must not turn nearly all into all.
  const rounded = (part < whole ? Math.floor : Math.ceil)((part / whole) * 1e6) / 1e4;
  return withUnit(withSeparators(rounded, 4), '%');
}

function totalNote(name, { published, acknowledged, expected, delivered }) {
  const share =
    name === 'acknowledged'
      ? shareOf(acknowledged, published)
      : name === 'delivered'
        ? shareOf(delivered, expected)
        : '';
  if (share) return `${share} of those ${name === 'acknowledged' ? 'published' : 'expected'}`;
  if (name === 'expected' && acknowledged > 0) return `${compactNumber(expected / acknowledged)} readers a message`;
  return '';
}

function limitInWords(name, threshold) {
  if (!threshold) return 'must be 0';
  return `${threshold.met ? 'allowed' : 'must be'} ${limitOf(figureOf(name), threshold.limit)}`;
}

/** A scenario may allow more than zero: then its threshold says how it went. */
function zeroCell(word, name, count, threshold) {
  const tone = count === 0 ? 'good' : threshold?.met ? 'open' : 'bad';
  const picture = { good: 'check', bad: 'cross', open: 'question' }[tone];
  const made = element(
    'div',
    { class: `zero ${tone}` },
    element('dt', {}, word),
    element('dd', {}, withSeparators(count), sign(picture)),
  );
  if (count !== 0) made.append(element('dd', { class: 'limit' }, limitInWords(name, threshold)));
  return made;
}

function zeroRow({ figures, thresholds }) {
  const cells = Object.entries(MUST_BE_ZERO)
    .filter(([name]) => isNumber(figures[name]))
    .map(([name, word]) =>
      zeroCell(
        word,
        name,
        figures[name],
        thresholds.find((threshold) => threshold.figure === name),
      ),
    );
  return cells.length ? element('dl', { class: 'zeros' }, ...cells) : null;
}

function asidesInWords(figures) {
  const sentences = Object.entries(ASIDES)
    .map(([subject, names]) => {
      const known = Object.entries(names).filter(([name]) => isNumber(figures[name]));
      return known.length
        ? `${subject}: ${known.map(([name, words]) => `${withSeparators(figures[name])} ${words}`).join(', ')}.`
        : '';
    })
    .filter(Boolean);
  return sentences.length ? element('p', { class: 'hint after' }, sentences.join(' ')) : null;
}

function findingsBox(findings) {
  if (!findings.length) return null;
  const shown = findings.slice(0, 8);
  const rest = findings.slice(8);
  const box = element('div', { class: 'findings' }, element('h3', {}, 'Where it does not come out even'), list(shown));
  if (rest.length) box.append(folded(`${withSeparators(rest.length)} more`, list(rest)));
  return box;
}

function showLedger(summary) {
  const { figures, findings } = summary;
  const totals = Object.entries(TOTALS).filter(([name]) => isNumber(figures[name]));
  const tiles = totals.map(([name, word]) => tile(word, withSeparators(figures[name]), totalNote(name, figures)));
  const zeros = zeroRow(summary);
  if (!tiles.length && !zeros) fill('ledger', sentence('This run has no ledger: nothing was counted.'));
  fill(
    'ledger',
    tiles.length ? element('dl', { class: 'tiles' }, ...tiles) : null,
    zeros,
    findingsBox(findings),
    asidesInWords(figures),
  );
}

function stateCell(tone, words) {
  const name = { good: 'check', bad: 'cross', open: 'question' }[tone];
  return element('td', { class: `state ${tone}` }, sign(name), element('span', {}, words));
}

function figureWords(figure) {
  // A long name may break after an underscore and nowhere else.
  const parts = figure.name.split(/(?<=_)/).flatMap((part) => [part, element('wbr')]);
  return [figure.label, element('code', {}, ...parts)];
}

function showThresholds({ thresholds }) {
  if (!thresholds.length) return fill('thresholds', sentence('The scenario sets no thresholds.'));
  const broken = thresholds.filter((threshold) => !threshold.met).length;
  const caption = `${thresholds.length - broken} of ${counted(thresholds.length, 'threshold', 'thresholds')} met, ${broken || 'none'} breached`;
  // What must be 0 and is stands in the ledger above.
  const told = thresholds.filter(({ figure, met }) => !met || !(figure in MUST_BE_ZERO));
  if (!told.length) return fill('thresholds', sentence(`${caption}: every figure that must be 0 is 0.`));
  const rows = told.map((threshold) => ({ ...threshold, figure: figureOf(threshold.figure) }));
  const zeros = thresholds.length - told.length;
  const shown = table(
    caption,
    [
      { title: 'Figure', header: true, of: (row) => figureWords(row.figure) },
      { title: 'Limit', number: true, of: (row) => limitOf(row.figure, row.limit) },
      {
        title: 'Measured',
        number: true,
        of: (row) => (row.value == null ? 'no such figure' : valueOf(row.figure, row.value)),
      },
      { title: 'Result', of: (row) => stateCell(row.met ? 'good' : 'bad', row.met ? 'Met' : 'Breached') },
    ],
    rows,
  );
  shown.classList.add('narrow');
  const rest = zeros ? element('p', { class: 'hint after' }, `The other ${zeros} are figures that must be 0, and are.`) : null;
  return fill('thresholds', shown, rest);
}

function showLimits({ limited_by: limits }) {
  fill('limits', limits.length ? list(limits) : sentence('The run cannot tell what limited it.'));
}

function percentileChart(latency, run) {
  const whole = latency.filter((row) => row.class === 'all');
  const rows = whole.length ? whole : latency.slice(0, COLOURS);
  const name = (row) => (LATENCY_KINDS[row.kind]?.[0] ?? row.kind) + (row.class === 'all' ? '' : `, ${row.class}`);
  return chart(
    {
      title: 'How latency spreads',
      wide: true,
      steps: PERCENTILES.map((percentile) => SPELLING[percentile] ?? percentile),
      atText: (index) => `at ${SPELLING[PERCENTILES[index]] ?? PERCENTILES[index]}`,
      lines: rows.map((row) => ({
        name: name(row),
        values: PERCENTILES.map((percentile) => row[percentile]),
        points: true,
      })),
      format: milliseconds,
      log: true,
      note: 'A line that stays flat means that the slowest were served like the rest. Logarithmic scale.',
    },
    run,
  );
}

/** The kind, and what it means where it comes first. */
function kindWords(kind, first) {
  const [name, meaning] = LATENCY_KINDS[kind] ?? [kind];
  return first && meaning ? [name, element('span', { class: 'under' }, meaning)] : name;
}

/** Without the row of a class that is all there is of its kind. */
function tellingRows(latency) {
  const whole = new Map(latency.filter((row) => row.class === 'all').map((row) => [row.kind, row.count]));
  return latency.filter((row) => row.count > 0 && (row.class === 'all' || row.count !== whole.get(row.kind)));
}

function showLatency({ latency }, run) {
  const rows = tellingRows(latency);
  if (!rows.length)
    return fill('latency', sentence('Nothing was delivered or answered, so there is no latency to show.'));
  const time = (field, title) => ({ title, number: true, of: (row) => plainNumber(row[field]) });
  fill(
    'latency',
    table(
      'By kind and class of clients, in milliseconds',
      [
        {
          title: 'Kind',
          header: true,
          words: true,
          of: (row, index) => kindWords(row.kind, rows[index - 1]?.kind !== row.kind),
        },
        { title: 'Class', of: (row) => row.class },
        { title: 'Count', number: true, of: (row) => withSeparators(row.count) },
        time('mean', 'Mean'),
        ...PERCENTILES.map((percentile) => time(percentile, capitalised(SPELLING[percentile] ?? percentile))),
      ],
      rows,
    ),
  );
  return fill('latency', percentileChart(rows, run));
}

function showPhases({ phases }) {
  if (!phases.length) return fill('phases', sentence('The run ended before its first phase.'));
  const perSecond = (count, phase) =>
    phase.took_s > 0 ? plainNumber(Math.round((count / phase.took_s) * 10) / 10) : '–';
  return fill(
    'phases',
    table(
      'Counts are those of the phase; CPU time is that of all server processes',
      [
        { title: 'No.', of: (row, index) => element('span', { class: 'badge' }, String(index + 1)) },
        { title: 'Phase', header: true, of: (row) => row.name },
        { title: 'From', number: true, of: (row) => clock(row.at_s) },
        { title: 'Took', number: true, of: (row) => duration(row.took_s) },
        { title: 'Acknowledged', number: true, of: (row) => withSeparators(row.acknowledged) },
        { title: 'Delivered', number: true, of: (row) => withSeparators(row.delivered) },
        { title: 'Delivered /s', number: true, of: (row) => perSecond(row.delivered, row) },
        { title: 'Server CPU', number: true, of: (row) => withUnit(plainNumber(row.server_cpu_s), 's') },
      ],
      phases,
    ),
  );
}

function evidenceCell(evidence) {
  if (evidence) return element('td', { class: 'words state good' }, sign('check'), evidence);
  return element(
    'td',
    { class: 'words state open' },
    sign('question'),
    'Not seen to bite. Such a fault shows nothing.',
  );
}

function showFaults({ faults }) {
  if (!faults.length) return fill('faults', sentence('No fault was part of this run.'));
  return fill(
    'faults',
    table(
      'What was done to the server, and how it was seen to bite',
      [
        { title: 'Mark', of: (row) => element('span', { class: 'badge fault' }, row.mark) },
        {
          title: 'Fault',
          header: true,
          of: (row) => [row.what, element('span', { class: 'under' }, `at ${clock(row.at_s)}`)],
        },
        { title: 'Evidence', of: (row) => evidenceCell(row.evidence) },
      ],
      faults,
    ),
  );
}

function showGenerators({ generators }) {
  if (!generators.length) return fill('generators', sentence('No generator reported.'));
  return fill(
    'generators',
    table(
      'CPU is a share of one core; lateness is how long after its time what was due was done',
      [
        { title: 'Generator', header: true, of: (row) => String(row.process) },
        { title: 'Clients', number: true, of: (row) => withSeparators(row.clients) },
        { title: 'CPU, mean', number: true, of: (row) => percent(row.cpu_mean) },
        { title: 'CPU, highest', number: true, of: (row) => percent(row.cpu_max) },
        { title: 'Lateness, p99', number: true, of: (row) => milliseconds(row.slip_p99_ms) },
        { title: 'Memory', number: true, of: (row) => bytes(row.memory_bytes) },
        { title: 'Per client', number: true, of: (row) => bytes(row.bytes_per_client) },
      ],
      generators,
    ),
  );
}

function pairCard(title, pairs) {
  const shown = pairs.flatMap(([term, value]) => pair(term, value || '–'));
  return element('div', { class: 'pair-card' }, element('h3', {}, title), element('dl', {}, ...shown));
}

function apartInWords({ store }, { pinned }) {
  if (pinned) return 'Server and generator had cores of their own';
  return store === 'address'
    ? 'Not known: this run did not start the server'
    : 'No: server and generator shared the cores';
}

function showConditions({ target, machine }) {
  fill(
    'conditions',
    element(
      'div',
      { class: 'pairs' },
      pairCard('Target', [
        ['Server', target.server],
        ['Nodes', target.nodes > 0 && withSeparators(target.nodes)],
        ['Store', capitalised(STORES[target.store] ?? target.store)],
        ['Encoding', ENCODINGS[target.encoding] ?? target.encoding],
        ['Encrypted', target.tls ? 'Yes, by TLS' : 'No'],
      ]),
      pairCard('Machine', [
        ['Processor', machine.processor],
        ['Cores', withSeparators(machine.cores)],
        ['Memory', machine.memory_bytes > 0 && bytes(machine.memory_bytes)],
        ['Kernel', machine.kernel],
        ['Apart', apartInWords(target, machine)],
      ]),
    ),
  );
}

function showEverything({ figures, scenario }) {
  const rows = Object.entries(figures).map(([name, value]) => ({ figure: figureOf(name), value }));
  const all = rows.length
    ? table(
        'Thresholds and comparisons speak of figures by these names',
        [
          { title: 'Figure', header: true, of: (row) => figureWords(row.figure) },
          { title: 'Value', number: true, of: (row) => valueOf(row.figure, row.value) },
        ],
        rows,
      )
    : null;
  const text = element(
    'pre',
    { role: 'region', tabindex: 0, 'aria-label': 'The scenario as it was read' },
    scenario.text,
  );
  const foldedText = scenario.text
    ? folded('The scenario as it was read', text)
    : sentence('The text of the scenario is not known.');
  fill('everything', all && folded(`All ${rows.length} figures`, all), foldedText);
}

/** Faults get letters, by which the charts speak of them. */
function marked(faults) {
  return faults.map((fault, index) => ({
    ...fault,
    mark: index < 26 ? String.fromCharCode(65 + index) : String(index + 1),
  }));
}

function show(given, series) {
  const summary = { ...given, faults: marked(given.faults) };
  const { phases, faults } = summary;
  const ends = [series.at(-1)?.t ?? 0, ...phases.map((phase) => phase.at_s + phase.took_s)];
  const run = { phases, faults, end: Math.max(...ends, 0.001) };
  showTop(summary);
  showVerdict(summary);
  showLedger(summary);
  showThresholds(summary);
  showLimits(summary);
  showLatency(summary, run);
  showTime(series, run);
  showPhases(summary);
  showFaults(summary);
  showGenerators(summary);
  showConditions(summary);
  showEverything(summary);
  const source = `Made by holdfast-load from ${summary.format}, version ${summary.version}.`;
  document.getElementById('footer').textContent = `${source} This file needs no network.`;
}

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function main() {
  try {
    show(read('summary'), read('series'));
    drawAll();
    followThePage();
  } catch (error) {
    const words = `This report could not be drawn in full: ${error.message}`;
    document.getElementById('main').prepend(element('p', { class: 'notice', role: 'alert' }, words));
    throw error;
  }
}

main();
