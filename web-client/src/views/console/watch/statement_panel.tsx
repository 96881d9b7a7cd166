import { useEffect } from 'preact/hooks';
import { w } from '../../../words/console/watch_words.ts';
import { momentWords } from '../../../words/times.ts';
import { language } from '../../../words/translator.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { AskedTwice } from './asked_twice.tsx';
import { STATEMENT_MAX_CHARS, fits, joined, type Said, type Saying, type StatementModel } from './statement_model.ts';

export function StatementPanel({ model, now }: { model: StatementModel; now: number }) {
  useEffect(() => void model.read(), [model]);
  const said = model.said.value;
  const saying = model.saying.value;
  const words = model.words.value;
  const text = joined(words);
  const used = [...text].length;
  const isWorking = saying.kind === 'working';
  return (
    <section class="panel desk-parts" aria-labelledby="watch-statement-title">
      <h2 id="watch-statement-title">{w('statement.title')}</h2>
      <div>
        <SaidNow said={said} now={now} />
        <p>
          <a href={`/status?lang=${language.value}`} target="_blank" rel="noopener">
            {w('statement.open')}
          </a>
        </p>
        {said.kind === 'statement' && (
          <AskedTwice
            isQuiet
            label={w('statement.clear')}
            isWorking={isWorking}
            sure={w('statement.clear.sure')}
            yes={w('statement.clear.go')}
            no={w('statement.no')}
            onYes={() => void model.allClear()}
          />
        )}
      </div>
      <div class="order">
        <p class="hint">{w('statement.lead')}</p>
        <p class="hint">{w('statement.example')}</p>
        {(['en', 'cy'] as const).map((each) => (
          <label class="field" key={each}>
            <span class="field-label">{w(`statement.${each}`)}</span>
            <textarea
              rows={3}
              lang={each}
              value={words[each]}
              aria-invalid={used > STATEMENT_MAX_CHARS}
              onInput={(event) => model.write({ [each]: event.currentTarget.value })}
            />
          </label>
        ))}
        <p class={used > STATEMENT_MAX_CHARS ? 'problem' : 'hint'} role="status">
          {w('statement.chars', { used, max: STATEMENT_MAX_CHARS })}
        </p>
        <p class="hint">{w('statement.kept')}</p>
        <h3>{w('statement.preview')}</h3>
        <p class={text === '' ? 'hint' : 'statement-text'}>{text === '' ? w('statement.preview.empty') : text}</p>
        <AskedTwice
          label={isWorking ? w('statement.working') : w('statement.say')}
          isWorking={isWorking}
          mayAsk={() => fits(text)}
          sure={w('statement.say.sure')}
          yes={w('statement.say.go')}
          no={w('statement.no')}
          onYes={() => void model.say()}
        />
        <Outcome saying={saying} />
      </div>
    </section>
  );
}

function SaidNow({ said, now }: { said: Said; now: number }) {
  switch (said.kind) {
    case 'loading':
      return <p class="hint">…</p>;
    case 'unknown':
      return <p class="hint">{w('statement.unknown')}</p>;
    case 'nothing':
      return (
        <p>
          {said.allClearAt === null
            ? w('statement.nothing')
            : w('statement.cleared', { time: momentWords(said.allClearAt, now) })}
        </p>
      );
    case 'statement':
      return (
        <>
          <p>{w('statement.now', { time: momentWords(said.at, now) })}</p>
          <blockquote class="statement-text">{said.text}</blockquote>
        </>
      );
  }
}

function Outcome({ saying }: { saying: Saying }) {
  switch (saying.kind) {
    case 'idle':
    case 'working':
      return null;
    case 'failed':
      return (
        <p class="problem" role="alert">
          {failureWords(saying.why)}
        </p>
      );
    case 'said':
      return <p role="status">{w('statement.said')}</p>;
    case 'cleared':
      return <p role="status">{w('statement.done.cleared')}</p>;
  }
}
