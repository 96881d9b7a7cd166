import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { b } from '../../../../words/console/bulletins_words.ts';

export interface AskFirstProps {
  readonly label: string;
  readonly question: string;
  /** What is said to who is asked, before they answer. */
  readonly children?: ComponentChildren;
  readonly yes: string;
  readonly no: string;
  /** Words that are asked for; `null`: none. */
  readonly reason: string | null;
  /** Asks once more with these words, after the first yes. */
  readonly twice?: string;
  readonly isDisabled: boolean;
  readonly act: (reason: string) => void;
}

const REASON_MAX_CHARS = 500;

/** Something that is hard to take back: it is asked first, and the harmless answer is where the first button was. */
export function AskFirst({ label, question, children, yes, no, reason, twice, isDisabled, act }: AskFirstProps) {
  const [asked, ask] = useState<'no' | 'once' | 'twice'>('no');
  const [words, write] = useState('');
  const [isMissing, setMissing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const group = useRef<HTMLDivElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (asked === 'no') {
      if (wasAsked.current) opener.current?.focus();
    } else {
      group.current?.querySelector<HTMLElement>(asked === 'once' ? 'textarea, button' : 'button')?.focus();
    }
    wasAsked.current = asked !== 'no';
  }, [asked]);
  if (asked === 'no') {
    return (
      <button ref={opener} type="button" class="button button-quiet" aria-disabled={isDisabled} onClick={() => !isDisabled && ask('once')}>
        {label}
      </button>
    );
  }
  const goOn = (): void => {
    if (reason !== null && words.trim() === '') return setMissing(true);
    if (twice !== undefined && asked === 'once') return ask('twice');
    ask('no');
    act(words.trim());
  };
  return (
    <div ref={group} class="ask" role="group" aria-label={question}>
      <p class="ask-question">{asked === 'twice' ? twice : question}</p>
      {asked === 'once' && children}
      {reason !== null && asked === 'once' && (
        <label class="field">
          <span class="field-label">{reason}</span>
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
          {b('reason.missing')}
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
