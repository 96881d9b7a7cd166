import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface AskedTwiceProps {
  /** The first button. */
  readonly label: string;
  readonly isQuiet?: boolean;
  readonly isWorking: boolean;
  /** Whether there is anything to ask about; if not, it says why itself. */
  readonly mayAsk?: () => boolean;
  readonly sure: string;
  readonly yes: string;
  readonly no: string;
  readonly onYes: () => void;
  /** More about what it will do. */
  readonly children?: ComponentChildren;
}

/** Asks once more; then the harmless answer stands where the first button was, and has the focus. */
export function AskedTwice(props: AskedTwiceProps) {
  const { label, isQuiet = false, isWorking, mayAsk = () => true, sure, yes, no, onYes, children } = props;
  const [isAsked, setAsked] = useState(false);
  const harmless = useRef<HTMLButtonElement>(null);
  const first = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (isAsked) harmless.current?.focus();
    else if (wasAsked.current) first.current?.focus();
    wasAsked.current = isAsked;
  }, [isAsked]);
  if (!isAsked) {
    const ask = (): void => {
      if (!isWorking && mayAsk()) setAsked(true);
    };
    return (
      <p class="actions">
        <button
          ref={first}
          type="button"
          class={isQuiet ? 'button button-quiet' : 'button'}
          aria-disabled={isWorking}
          onClick={ask}
        >
          {label}
        </button>
      </p>
    );
  }
  const go = (): void => {
    setAsked(false);
    onYes();
  };
  return (
    <div class="asked" role="group" aria-label={sure}>
      <p class="asked-sure">{sure}</p>
      {children}
      <p class="actions">
        <button ref={harmless} type="button" class="button button-quiet" onClick={() => setAsked(false)}>
          {no}
        </button>
        <button type="button" class="button button-danger" onClick={go}>
          {yes}
        </button>
      </p>
    </div>
  );
}
