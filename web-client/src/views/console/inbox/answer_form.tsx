import { useState } from 'preact/hooks';
import { x } from '../../../words/console/inbox_words.ts';
import { formatNumber, language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { ANSWER_MAX_CHARS, charsOf, type ConversationModel } from './conversation_model.ts';
import type { PreparedAnswers } from './prepared_answers.ts';

const OURS = ['prepared.thanks', 'prepared.later', 'prepared.leader'] as const;
/** Before so many are left, nobody needs to count. */
const COUNTED_FROM = ANSWER_MAX_CHARS - 400;

export interface AnswerFormProps {
  readonly model: ConversationModel;
  readonly prepared: PreparedAnswers;
  readonly isComplaint: boolean;
}

export function AnswerForm({ model, prepared, isComplaint }: AnswerFormProps) {
  const text = model.text.value;
  const doing = model.doing.value;
  const news = model.news.value;
  const used = charsOf(text.trim());
  const isTooLong = used > ANSWER_MAX_CHARS;
  const isMeanwhile = news !== null || (doing.kind === 'overtaken' && (doing.meanwhile === 'answered' || doing.meanwhile === 'written'));
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.send();
  };
  return (
    <form class="answer" onSubmit={submit}>
      <label class="field">
        <span class="field-label">{x('answer')}</span>
        <textarea
          rows={4}
          value={text}
          aria-invalid={isTooLong}
          aria-describedby="answer-about"
          onInput={(event) => model.write(event.currentTarget.value)}
        />
      </label>
      <p class="hint answer-about" id="answer-about">
        <span>{x(text === '' ? 'answer.to' : 'answer.kept')}</span>
        {used > COUNTED_FROM && (
          <span class={isTooLong ? 'counter-over' : 'counter'}>
            {x(isTooLong ? 'answer.too_long' : 'answer.chars', { used: number(used), max: number(ANSWER_MAX_CHARS) })}
          </span>
        )}
      </p>
      {news !== null && doing.kind !== 'overtaken' && (
        <p class="warning" role="alert">
          {x(news === 'answered' ? 'news.answered' : 'news.written')}
        </p>
      )}
      {doing.kind === 'overtaken' && (
        <p class="problem" role="alert">
          {x(`meanwhile.${doing.meanwhile}`)}
        </p>
      )}
      {doing.kind === 'unsent' && (
        <p class="warning" role="status">
          {x('unsent', { why: failureWords(doing.why) })}
        </p>
      )}
      {doing.kind === 'failed' && (
        <p class="problem" role="alert">
          {doing.why === 'complaint_unanswered' ? x('complaint_unanswered') : failureWords(doing.why)}
        </p>
      )}
      <p class="actions">
        <button type="submit" class="button" aria-disabled={doing.kind === 'working' || used === 0 || isTooLong}>
          {doing.kind === 'working' ? x('sending') : x(isMeanwhile ? 'send.anyway' : 'send')}
        </button>
        <span class="done" role="status">
          {doing.kind === 'done' && x(`done.${doing.what}`)}
        </span>
      </p>
      <Prepared model={model} prepared={prepared} isComplaint={isComplaint} />
    </form>
  );
}

function Prepared({ model, prepared, isComplaint }: AnswerFormProps) {
  const [isKept, setKept] = useState(false);
  const ours = (isComplaint ? ['prepared.complaint' as const, ...OURS] : OURS).map((key) => x(key));
  const insert = (words: string): void => {
    const before = model.text.value.trimEnd();
    model.write(before === '' ? words : `${before}\n\n${words}`);
  };
  return (
    <details class="fold prepared">
      <summary>{x('prepared')}</summary>
      <ul class="lines">
        {ours.map((words) => (
          <li key={words}>
            <button type="button" class="button button-plain prepared-text" aria-label={x('prepared.use', { text: words })} onClick={() => insert(words)}>
              {words}
            </button>
          </li>
        ))}
        {prepared.texts.value.map((words) => (
          <li key={words}>
            <button type="button" class="button button-plain prepared-text" aria-label={x('prepared.use', { text: words })} onClick={() => insert(words)}>
              {words}
            </button>
            <button
              type="button"
              class="button button-quiet"
              aria-label={x('prepared.remove.of', { text: words })}
              onClick={() => prepared.remove(words)}
            >
              {x('prepared.remove')}
            </button>
          </li>
        ))}
      </ul>
      <p class="actions">
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={model.text.value.trim() === ''}
          onClick={() => {
            if (model.text.value.trim() === '') return;
            prepared.add(model.text.value);
            setKept(true);
          }}
        >
          {x('prepared.keep')}
        </button>
        <span class="done" role="status">
          {isKept && x('prepared.kept')}
        </span>
      </p>
    </details>
  );
}

function number(value: number): string {
  return formatNumber(value, language.value);
}
