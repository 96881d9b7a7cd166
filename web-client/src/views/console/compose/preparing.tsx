import type { Failure } from '../../../account/api.ts';
import { w } from '../../../words/console/compose_words.ts';
import { failureWords } from '../../shared/failure_words.ts';

/** Something is to be laid on the desk: another bulletin to be changed, or a word that is prepared. */
export type PreparingState =
  | { readonly kind: 'loading' }
  /** There is something on the desk already. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly why: Failure };

export interface PreparingProps {
  readonly state: PreparingState;
  readonly replace: () => void;
  readonly leave: () => void;
}

export function Preparing({ state, replace, leave }: PreparingProps) {
  switch (state.kind) {
    case 'loading':
      return (
        <p class="hint" role="status">
          {w('preparing')}
        </p>
      );
    case 'asking':
      return (
        <div class="banner" role="alert">
          <p>{w('preparing.asking')}</p>
          <div class="actions">
            <button type="button" class="button" onClick={leave}>
              {w('preparing.keep')}
            </button>
            <button type="button" class="button button-quiet" onClick={replace}>
              {w('preparing.replace')}
            </button>
          </div>
        </div>
      );
    case 'failed':
      return (
        <p class="problem" role="alert">
          {why(state.why)}
        </p>
      );
  }
}

function why(failure: Failure): string {
  return failure === 'bulletin_unknown' ? w('preparing.unknown') : failureWords(failure);
}
