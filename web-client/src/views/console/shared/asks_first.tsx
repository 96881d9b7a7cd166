import { useEffect, useRef, useState } from 'preact/hooks';

export interface AsksFirstProps {
  /** What is on the first button. */
  readonly label: string;
  /** The same for who does not see which line it stands in. */
  readonly name?: string;
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly act: () => void;
  readonly isDisabled?: boolean;
}

/** Asks once more. The harmless answer stands where the first button stood, and has the focus. */
export function AsksFirst({ label, name, question, yes, no, act, isDisabled = false }: AsksFirstProps) {
  const [asked, setAsked] = useState<boolean | null>(null);
  const first = useRef<HTMLButtonElement>(null);
  const harmless = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asked === true) harmless.current?.focus();
    if (asked === false) first.current?.focus();
  }, [asked]);
  if (asked !== true) {
    return (
      <button
        ref={first}
        type="button"
        class="button button-quiet"
        aria-label={name}
        aria-disabled={isDisabled}
        onClick={() => !isDisabled && setAsked(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <span class="asks" role="group" aria-label={question}>
      <span class="asks-question">{question}</span>
      <span class="actions">
        <button ref={harmless} type="button" class="button button-quiet" onClick={() => setAsked(false)}>
          {no}
        </button>
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            setAsked(null);
            act();
          }}
        >
          {yes}
        </button>
      </span>
    </span>
  );
}
