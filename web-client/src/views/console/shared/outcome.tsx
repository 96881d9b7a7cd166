import type { Failure } from '../../../account/api.ts';
import { failureWords } from '../../shared/failure_words.ts';

/** What became of something that somebody did here: why it failed, or what was done; nothing while neither is known. */
export function Outcome({ failed, done }: { failed: Failure | null; done: string | null }) {
  if (failed !== null) {
    return (
      <p class="problem" role="alert">
        {failureWords(failed)}
      </p>
    );
  }
  return done === null ? null : <p role="status">{done}</p>;
}
