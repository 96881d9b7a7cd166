import { saveFile } from '../../../../platform/save_file.ts';
import { m } from '../../../../words/console/import_words.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { OUTCOMES } from './csv.ts';
import type { Counts, ImportModel, RefusedRow } from './import_model.ts';
import { reasonWords } from './reason_words.ts';

const CSV_TYPE = 'text/csv;charset=utf-8';
/** Further ones are in the file. */
const ROWS_SHOWN = 100;

export function CountList({ counts }: { counts: Counts }) {
  return (
    <ul class="counts">
      {OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => (
        <li key={outcome} class={`count-${outcome}`}>
          {m.counted(`count.${outcome}`, counts[outcome])}
        </li>
      ))}
    </ul>
  );
}

export function RefusedPanel({ model, refused }: { model: ImportModel; refused: readonly RefusedRow[] }) {
  if (refused.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="refused-title">
      <h2 id="refused-title">{m('refused')}</h2>
      <p>{m('refused.body')}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{m('refused.line')}</th>
            <th scope="col">{m('refused.reference')}</th>
            <th scope="col">{m('refused.why')}</th>
          </tr>
        </thead>
        <tbody>
          {refused.slice(0, ROWS_SHOWN).map(({ row, reason }) => (
            <tr key={row.line}>
              <td data-label={m('refused.line')}>{formatNumber(row.line, language.value)}</td>
              <td data-label={m('refused.reference')}>{model.referenceOf(row)}</td>
              <td data-label={m('refused.why')}>{reasonWords(reason)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {refused.length > ROWS_SHOWN && <p class="hint">{m.counted('refused.more', refused.length - ROWS_SHOWN)}</p>}
      <p class="actions">
        <button
          type="button"
          class="button button-quiet"
          onClick={() => saveFile('errors.csv', new Blob([model.errorsFile(reasonWords)], { type: CSV_TYPE }))}
        >
          {m('refused.file')}
        </button>
      </p>
    </section>
  );
}

export function LinksPanel({ model, links }: { model: ImportModel; links: number }) {
  if (links === 0) return null;
  return (
    <section class="panel panel-waits" aria-labelledby="links-title">
      <h2 id="links-title">{m.counted('links', links)}</h2>
      <p class="warning">{m('links.warning')}</p>
      <p>{m('links.body')}</p>
      <p class="actions">
        <button type="button" class="button" onClick={() => saveFile('links.csv', new Blob([model.linksFile()], { type: CSV_TYPE }))}>
          {m('links.save')}
        </button>
      </p>
      <p class="hint">{m('links.again')}</p>
    </section>
  );
}
