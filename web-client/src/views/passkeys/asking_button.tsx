import type { ComponentChildren } from 'preact';
import { y } from '../../words/app/ceremony_words.ts';
import type { PasskeyFailure } from '../../account/passkeys.ts';
import type { Asking } from './asking.ts';
import { passkeyFailureWords } from './failure_words.ts';

export interface AskingButtonProps {
  readonly asking: Asking;
  readonly words: string;
  readonly act: () => void;
  /** What is said of a failure, where it is not the usual. */
  readonly why?: (failure: PasskeyFailure) => string;
  /** Other answers, beside it. */
  readonly children?: ComponentChildren;
}

/** The button that opens the browser's dialog, and what came of the last try. */
export function AskingButton({ asking, words, act, why = passkeyFailureWords, children }: AskingButtonProps) {
  const state = asking.state.value;
  const isWorking = state.kind === 'working';
  return (
    <>
      {state.kind === 'failed' && (
        <p class="problem" role="alert">
          {why(state.why)}
        </p>
      )}
      <p class="actions">
        <button type="button" class="button" aria-disabled={isWorking} onClick={() => !isWorking && act()}>
          {words}
        </button>
        {children}
      </p>
      <p class="hint" role="status">
        {isWorking && y('working')}
      </p>
    </>
  );
}
