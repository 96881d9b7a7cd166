import { useEffect, useRef, useState } from 'preact/hooks';

export interface AskedProps {
  readonly button: string;
  /** What the button is for, where its words alone do not say it. */
  readonly label?: string;
  /** Each has to be answered with yes. */
  readonly questions: readonly string[];
  readonly yes: string;
  /** The answer to all questions but the last. */
  readonly next?: string;
  readonly no: string;
  readonly isWorking: boolean;
  readonly act: () => void;
}

/** Does what cannot be taken back only after it was asked. The dangerous answer is never where the first button was. */
export function Asked({ button, label, questions, yes, next, no, isWorking, act }: AskedProps) {
  /** Which question is asked; `null`: none. */
  const [asked, setAsked] = useState<number | null>(null);
  const safe = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (asked !== null) safe.current?.focus();
    else if (wasAsked.current) first.current?.focus();
    wasAsked.current = asked !== null;
  }, [asked]);
  if (asked === null) {
    return (
      <p class="actions">
        <button ref={first} type="button" class="button button-quiet" aria-label={label ?? button} onClick={() => setAsked(0)}>
          {button}
        </button>
      </p>
    );
  }
  const isLast = asked === questions.length - 1;
  return (
    <div class="me-asked" role="group" aria-label={label ?? button}>
      <p role="status">{questions[asked]}</p>
      <p class="actions">
        <button ref={safe} type="button" class="button button-quiet" onClick={() => setAsked(null)}>
          {no}
        </button>
        <button
          type="button"
          class="button button-danger"
          aria-disabled={isWorking}
          onClick={() => {
            if (isWorking) return;
            if (isLast) act();
            else setAsked(asked + 1);
          }}
        >
          {isLast ? yes : (next ?? yes)}
        </button>
      </p>
    </div>
  );
}
