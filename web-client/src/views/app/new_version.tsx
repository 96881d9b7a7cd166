import { b } from '../../words/app/bulletin_words.ts';

/** Stands over the page, so that nothing moves while somebody reads or writes. */
export function NewVersion({ load }: { load: () => void }) {
  return (
    <div class="new-version" role="status">
      <p>{b('version')}</p>
      <button type="button" class="button" onClick={load}>
        {b('version.load')}
      </button>
    </div>
  );
}
