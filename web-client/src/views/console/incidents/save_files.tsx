import type { SaveFile } from '../../../platform/save_file.ts';
import { assertNever } from '../../../model/assert_never.ts';
import { i } from '../../../words/console/incidents_words.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { FILES, type FileName, type IncidentModel } from './incident_model.ts';

/** Files for others: what each is for, and what a person has to fill in. */
export function SaveFiles({ model, save }: { model: IncidentModel; save: SaveFile }) {
  const making = model.making.value;
  const make = async (file: FileName): Promise<void> => {
    const content = await model.make(file);
    if (content !== null) save(`incident-${model.id}-${file}`, content);
  };
  return (
    <section class="panel desk-parts" aria-labelledby="incident-save-title">
      <h2 id="incident-save-title">{i('save.title')}</h2>
      <p>{i('save.lead')}</p>
      <ul class="plain files">
        {FILES.map((file) => (
          <li key={file}>
            <button
              type="button"
              class="button button-quiet"
              aria-disabled={making.kind === 'working'}
              onClick={() => void make(file)}
            >
              {making.kind === 'working' && making.file === file ? i('save.working') : nameOf(file)}
            </button>
            <p class="hint">{aboutOf(file)}</p>
            {making.kind === 'failed' && making.file === file && (
              <p class="problem" role="alert">
                {i('save.failed')} {failureWords(making.why)}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function nameOf(file: FileName): string {
  switch (file) {
    case 'report.html':
      return i('save.html');
    case 'report.md':
      return i('save.md');
    case 'report.json':
      return i('save.json');
    case 'indicators.csv':
      return i('save.csv');
    default:
      return assertNever(file);
  }
}

function aboutOf(file: FileName): string {
  switch (file) {
    case 'report.html':
      return i('save.html.about');
    case 'report.md':
      return i('save.md.about');
    case 'report.json':
      return i('save.json.about');
    case 'indicators.csv':
      return i('save.csv.about');
    default:
      return assertNever(file);
  }
}
