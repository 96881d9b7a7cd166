import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber, language } from '../../words/translator.ts';

export interface WritingBoxProps {
  readonly label: string;
  /** Who reads it, said before it is sent. */
  readonly hint: string;
  readonly sendWords: string;
  readonly leftWords: (left: string) => string;
  readonly tooLongWords: (over: string) => string;
  readonly maxChars: number;
  readonly text: string;
  readonly write: (text: string) => void;
  /** Resolves when this device holds it. */
  readonly send: (text: string) => Promise<void>;
  readonly failedWords: string;
  readonly takesFocus: boolean;
}

/** Few enough are left to say so. */
const FEW = 200;

/** Where something is written that the outbox takes. The text stays until it is held. */
export function WritingBox(props: WritingBoxProps) {
  const { label, hint, sendWords, leftWords, tooLongWords, maxChars, text, write, send, failedWords, takesFocus } = props;
  const [state, setState] = useState<'failed' | 'idle' | 'keeping'>('idle');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesFocus) field.current?.focus();
  }, []);
  const left = maxChars - [...text.trim()].length;
  const isReady = text.trim() !== '' && left >= 0;
  const submit = async (): Promise<void> => {
    if (!isReady || state === 'keeping') {
      field.current?.focus();
      return;
    }
    setState('keeping');
    try {
      await send(text.trim());
      setState('idle');
    } catch {
      setState('failed');
    }
    field.current?.focus();
  };
  return (
    <form
      class="writing"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label class="field">
        <span class="field-label">{label}</span>
        <textarea
          ref={field}
          rows={3}
          value={text}
          aria-invalid={left < 0}
          aria-describedby="writing-hint"
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <p class="hint" id="writing-hint">
        {hint}
      </p>
      <p class="actions">
        <button type="submit" class="button" aria-disabled={!isReady || state === 'keeping'}>
          {sendWords}
        </button>
        <span class="writing-left" role="status">
          {left < 0 ? tooLongWords(count(-left)) : left < FEW ? leftWords(count(left)) : ''}
        </span>
      </p>
      {state === 'failed' && (
        <p class="problem" role="alert">
          {failedWords}
        </p>
      )}
    </form>
  );
}

function count(value: number): string {
  return formatNumber(value, language.value);
}
