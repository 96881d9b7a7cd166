import { a } from '../../../words/console/audit_words.ts';
import { exactTime } from '../../../words/exact_time.ts';
import { momentWords } from '../../../words/times.ts';
import { sentenceOf } from './audit_sentence.ts';
import type { AuditEntry } from './audit_shape.ts';
import { differenceOf, type Change } from './difference.ts';
import { fieldWords, valueWords } from './field_words.ts';

export function EntryRow({ entry, reader, now }: { entry: AuditEntry; reader: string; now: number }) {
  const sentence = sentenceOf(entry, reader);
  const changes = differenceOf(entry.before, entry.after);
  return (
    <li class="log-line">
      <time class="log-time" dateTime={new Date(entry.at).toISOString()} title={exactTime(entry.at)}>
        {momentWords(entry.at, now)}
      </time>
      <div class="log-words">
        <p>{sentence}</p>
        <details>
          <summary aria-label={a('entry.changes.of', { sentence })}>{a('entry.changes')}</summary>
          {changes.length > 0 && <Changes changes={changes} now={now} />}
          {entry.about !== undefined && <p class="hint">{a('entry.about', { about: entry.about })}</p>}
          <p class="hint">{a('entry.place', { seq: entry.seq, chain: entry.chain, hash: entry.hash })}</p>
        </details>
      </div>
    </li>
  );
}

function Changes({ changes, now }: { changes: readonly Change[]; now: number }) {
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{a('entry.field')}</th>
          <th scope="col">{a('entry.before')}</th>
          <th scope="col">{a('entry.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <td>{fieldWords(field)}</td>
            <td data-label={a('entry.before')}>
              {before === null ? <span class="hint">{a('entry.was_not')}</span> : <del>{valueWords(field, before, now)}</del>}
            </td>
            <td data-label={a('entry.after')}>
              {after === null ? <span class="hint">{a('entry.was_not')}</span> : <ins>{valueWords(field, after, now)}</ins>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
