'use strict';

// How the report says things: numbers, units, names.

const UNITS = { us: 'µs', ms: 'ms', s: 's', bytes: 'bytes', share: 'share' };

const SPELLING = { cpu: 'CPU', p999: 'p99.9' };

const VERDICTS = {
  pass: { words: 'Passed', tone: 'good', sign: 'check' },
  breached: { words: 'Threshold breached', tone: 'bad', sign: 'cross' },
  unknown: { words: 'Unknown: this run shows nothing', tone: 'open', sign: 'question' },
};

/** What must be zero for the ledger to be even, unless the scenario allows more. */
const MUST_BE_ZERO = {
  lost: 'Lost',
  duplicated: 'Delivered twice',
  out_of_order: 'Out of order',
  altered: 'Altered',
  misdelivered: 'To the wrong reader',
  invented: 'Never published',
  wrong_position: 'Wrong position',
  wrong_epoch: 'Wrong epoch',
  lost_from_log: 'Lost from the log',
  duplicated_in_log: 'Twice in the log',
  reordered_in_log: 'Out of order in the log',
  log_disordered: 'Missing in the log',
  refused: 'Clients refused',
  refused_publishes: 'Publishes refused',
  strangers_let_in: 'Strangers let in',
  unreadable: 'Unreadable',
  unanswered: 'Publishes unanswered',
  behind: 'Readers still behind',
  unreached: 'Readers not reached',
  resets: 'Resets',
  phases_overrun: 'Phases overrun',
};

const TOTALS = {
  published: 'Published',
  acknowledged: 'Acknowledged',
  expected: 'Deliveries expected',
  delivered: 'Delivered',
};

/** Counts that explain the ledger; none of them is good or bad by itself. */
const ASIDES = {
  Publishes: { resent: 'sent again' },
  Deliveries: { recovered: 'by recovery', foreign: 'from elsewhere' },
  Connections: {
    connections: 'made',
    connects_failed: 'failed',
    disconnects: 'broken',
    reconnects: 'made again',
  },
};

const LATENCY_KINDS = {
  live: ['Live', 'published while the reader read'],
  late: ['Late', 'caught up afterwards'],
  publish: ['Publish', 'from when it was due until the answer'],
  join: ['Join', 'until all subscriptions stand'],
  rejoin: ['Rejoin', 'after a break, until all stand again'],
  wait: ['Wait', 'from the first request for a ticket until there was one'],
};

const STORES = { embedded: 'embedded store', redis: 'Redis', address: 'a server by its address' };
const ENCODINGS = { json: 'JSON', protobuf: 'Protobuf' };

const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'];

/** A number and its unit stay on one line. */
function withUnit(number, unit) {
  return `${number}\u00a0${unit}`;
}

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

function withSeparators(value, digits = 0) {
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: digits });
}

/** A number with as many digits as help: three that count, and all of a whole number. */
function plainNumber(value) {
  if (!isNumber(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return withSeparators(value);
  if (size >= 10) return withSeparators(value, 1);
  if (size >= 1) return withSeparators(value, 2);
  return value.toLocaleString('en', { maximumSignificantDigits: 2 });
}

function compactNumber(value) {
  if (!isNumber(value)) return '–';
  for (const [size, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ]) {
    if (Math.abs(value) >= size) {
      const scale = letter === 'k' ? 1e3 : size;
      return withSeparators(value / scale, 2) + letter;
    }
  }
  return plainNumber(value);
}

function bytes(value) {
  if (!isNumber(value)) return '–';
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= 1024 && step < names.length - 1) {
    rest /= 1024;
    step += 1;
  }
  return withUnit(plainNumber(rest), names[step]);
}

function milliseconds(value) {
  if (!isNumber(value)) return '–';
  if (Math.abs(value) >= 60_000) return duration(value / 1000);
  if (Math.abs(value) >= 1000) return withUnit(plainNumber(value / 1000), 's');
  return withUnit(plainNumber(value), 'ms');
}

function duration(seconds) {
  if (!isNumber(seconds)) return '–';
  if (Math.abs(seconds) < 1) return withUnit(plainNumber(seconds * 1000), 'ms');
  if (Math.abs(seconds) < 60) return withUnit(withSeparators(seconds, 1), 's');
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts = hours
    ? [
        [hours, 'h'],
        [minutes, 'min'],
      ]
    : [
        [minutes, 'min'],
        [rest, 's'],
      ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => withUnit(count, unit))
    .join('\u00a0');
}

/** A point of the run, as on a stopwatch: `1:05`. */
function clock(seconds) {
  if (!isNumber(seconds)) return '–';
  const whole = Math.floor(seconds);
  const tenth = Math.round((seconds - whole) * 10);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const two = (part) => String(part).padStart(2, '0');
  const head = hours ? `${hours}:${two(minutes)}` : String(minutes);
  return `${head}:${two(whole % 60)}${tenth > 0 && tenth < 10 ? `.${tenth}` : ''}`;
}

function percent(share) {
  return isNumber(share) ? withUnit(plainNumber(Math.round(share * 1000) / 10), '%') : '–';
}

function moment(rfc3339) {
  const when = new Date(rfc3339);
  if (Number.isNaN(when.getTime())) return rfc3339 || '–';
  const day = when.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${when.toISOString().slice(11, 16)} UTC`;
}

function counted(count, one, many) {
  return `${withSeparators(count)} ${count === 1 ? one : many}`;
}

/** With a capital letter, except for `p99` and its like. */
function capitalised(text) {
  return /^p\d/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** The unit's own word, where the name would say too little without it. */
function wordForUnit(unit, before) {
  if (unit === 'share') return 'share';
  return unit === 'bytes' && !before.includes('memory') ? 'memory' : '';
}

/** Reads a figure's name: `server_cpu_us_per_delivery` is "Server CPU per delivery" in µs. */
function figureOf(name) {
  const parts = name.split('_');
  const at = parts.findLastIndex((part, index) => part in UNITS && index > 0 && parts[index - 1] !== 'per');
  const unit = at < 0 ? '' : UNITS[parts[at]];
  const words = parts.map((part, index) =>
    index === at ? wordForUnit(unit, parts.slice(0, at)) : (SPELLING[part] ?? part),
  );
  // The load of a process is named without a unit: it is a share of one core.
  const shareOfCore = !unit && /(^|_)cpu_(mean|max)$/.test(name);
  const label = MUST_BE_ZERO[name] ?? TOTALS[name] ?? capitalised(words.filter(Boolean).join(' '));
  return { name, label, unit: shareOfCore ? 'share' : unit };
}

function valueOf(figure, value) {
  if (!isNumber(value)) return '–';
  switch (figure.unit) {
    case '':
      return plainNumber(value);
    case 'bytes':
      return bytes(value);
    case 'share':
      return percent(value);
    case 'ms':
      return milliseconds(value);
    case 's':
      return duration(value);
    default:
      return withUnit(plainNumber(value), figure.unit);
  }
}

const SIGNS = {
  '<=': 'at most',
  '>=': 'at least',
  '<': 'below',
  '>': 'above',
  '==': 'exactly',
  '=': 'exactly',
  '!=': 'not',
};

/** `<= 500` of a figure in milliseconds is "at most 500 ms"; anything else stays as it was written. */
function limitOf(figure, limit) {
  const read = /^\s*(<=|>=|==|!=|<|>|=)\s*(-?[\d.]+(?:e[+-]?\d+)?)\s*$/i.exec(limit);
  return read ? `${SIGNS[read[1]]} ${valueOf(figure, Number(read[2]))}` : limit;
}
