import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface AsksFirstProps {
  /** What is on the first button. */
  readonly label: string;
  /** The same for who does not see which line it stands in. */
  readonly name?: string;
  /** The first button is what the page is for. */
  readonly isMain?: boolean;
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  /** Stands in a box of its own, and not in a line. */
  readonly isApart?: boolean;
  /** What is said to who is asked, before they answer. */
  readonly children?: ComponentChildren;
  /** Words that are asked for, and what is said to who gives none. */
  readonly reason?: { readonly label: string; readonly missing: string };
  /** Asks once more with these words, after the first yes. */
  readonly twice?: string;
  readonly isDisabled?: boolean;
  /** Whether there is anything to ask about; if not, it says why itself. */
  readonly mayAsk?: () => boolean;
  readonly act: (reason: string) => void;
}

type Asked = 'no' | 'once' | 'twice';

const REASON_MAX_CHARS = 500;

/** Asks before it acts. The harmless answer stands where the first button stood, and has the focus. */
export function AsksFirst(props: AsksFirstProps) {
  const { label, name, isMain = false, question, yes, no, isApart = false, children, reason, twice, isDisabled = false, mayAsk, act } = props;
  const [asked, ask] = useState<Asked>('no');
  const [words, write] = useState('');
  const [isMissing, setMissing] = useState(false);
  const group = useRef<HTMLDivElement>(null);
  const opener = useFocusOn(asked, group);
  if (asked === 'no') {
    const open = (): void => {
      if (!isDisabled && (mayAsk?.() ?? true)) ask('once');
    };
    return (
      <button ref={opener} type="button" class={isMain ? 'button' : 'button button-quiet'} aria-label={name} aria-disabled={isDisabled} onClick={open}>
        {label}
      </button>
    );
  }
  const goOn = (): void => {
    if (reason !== undefined && words.trim() === '') return setMissing(true);
    if (twice !== undefined && asked === 'once') return ask('twice');
    ask('no');
    act(words.trim());
  };
  return (
    <div ref={group} class={isApart ? 'asks asks-apart' : 'asks'} role="group" aria-label={question}>
      <p class="asks-question">{asked === 'twice' ? twice : question}</p>
      {asked === 'once' && children}
      {reason !== undefined && asked === 'once' && (
        <label class="field">
          <span class="field-label">{reason.label}</span>
          <textarea
            rows={2}
            maxLength={REASON_MAX_CHARS}
            value={words}
            aria-invalid={isMissing}
            onInput={(event) => {
              write(event.currentTarget.value);
              setMissing(false);
            }}
          />
        </label>
      )}
      {isMissing && (
        <p class="problem" role="alert">
          {reason?.missing}
        </p>
      )}
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={() => ask('no')}>
          {no}
        </button>
        <button type="button" class="button button-danger" onClick={goOn}>
          {yes}
        </button>
      </div>
    </div>
  );
}

/** On what is asked for, or else on the harmless answer; and back on the first button afterwards. */
function useFocusOn(asked: Asked, group: { readonly current: HTMLDivElement | null }) {
  const opener = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (asked !== 'no') group.current?.querySelector<HTMLElement>(asked === 'once' ? 'textarea, button' : 'button')?.focus();
    else if (wasAsked.current) opener.current?.focus();
    wasAsked.current = asked !== 'no';
  }, [asked]);
  return opener;
}
