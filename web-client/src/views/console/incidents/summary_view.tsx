import type { IncidentSummary } from '../../../protocol/api.gen.ts';
import en from '../../../words/console/incidents.en.json';
import { i } from '../../../words/console/incidents_words.ts';
import { w } from '../../../words/console/watch_words.ts';
import { momentWords } from '../../../words/times.ts';
import { formatNumber, language } from '../../../words/translator.ts';

type ClassKey = Extract<keyof typeof en, `class.${string}`>;

export function SummaryView({ summary, node, now }: { summary: IncidentSummary; node: string | null; now: number }) {
  const from = momentWords(summary.pressed_since_ms, now);
  const lasted =
    summary.closed_ms === undefined
      ? i('sum.lasted.open', { from })
      : i('sum.lasted.says', { from, to: momentWords(summary.closed_ms, now) });
  return (
    <section class="panel desk-parts" aria-labelledby="incident-sum-title">
      <h2 id="incident-sum-title">{i('sum.title')}</h2>
      <dl class="facts facts-words">
        <dt>{i('sum.lasted')}</dt>
        <dd>{lasted}</dd>
        <dt>{i('sum.worst')}</dt>
        <dd>{w(`level.${summary.worst}`)}</dd>
        <dt>{i('sum.members')}</dt>
        <dd>{membersWords(summary)}</dd>
        <dt>{i('sum.accepted')}</dt>
        <dd>{count(summary.accepted)}</dd>
        <dt>{i('sum.delivered')}</dt>
        <dd>{count(summary.delivered)}</dd>
        <dt>{i('sum.pending')}</dt>
        <dd>{count(summary.pending)}</dd>
        {node !== null && (
          <>
            <dt>{i('sum.node')}</dt>
            <dd>{node}</dd>
          </>
        )}
        <dt>{i('sum.whole')}</dt>
        <dd>{summary.is_intact ? i('sum.whole.yes') : <strong class="problem">{i('sum.whole.no')}</strong>}</dd>
        <dt>{i('sum.head')}</dt>
        <dd>
          <code>{summary.head}</code>
          <br />
          <small>{i('sum.head.about')}</small>
        </dd>
      </dl>
      {summary.totals.length > 0 && (
        <div>
          <h3>{i('sum.totals')}</h3>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{i('sum.class')}</th>
                {COLUMNS.map((column) => (
                  <th scope="col" key={column}>
                    {i(`sum.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {summary.totals.map((total) => (
                <tr key={total.class}>
                  <td>{classWords(total.class)}</td>
                  {COLUMNS.map((column) => (
                    <td key={column} data-label={i(`sum.${column}`)}>
                      {count(total[column])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const COLUMNS = ['offered', 'admitted', 'delayed', 'refused'] as const;

function membersWords(summary: IncidentSummary): string {
  const { members_affected_min: least, members_affected_max: most, affected_seconds: seconds } = summary;
  if (most === 0) return i('sum.members.none');
  return i('sum.members.says', { least: count(least), most: count(most), seconds: count(seconds) });
}

/** A class by its name in words; one that is not known stands there as it is. */
function classWords(name: string): string {
  const key = `class.${name}`;
  return isClassKey(key) ? i(key) : name;
}

function isClassKey(key: string): key is ClassKey {
  return Object.hasOwn(en, key);
}

function count(value: number): string {
  return formatNumber(value, language.value);
}
