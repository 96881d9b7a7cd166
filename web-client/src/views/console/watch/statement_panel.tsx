import { useEffect } from 'preact/hooks';
import { w } from '../../../words/console/watch_words.ts';
import { momentWords } from '../../../words/times.ts';
import { language } from '../../../words/translator.ts';
import { AsksFirst } from '../shared/asks_first.tsx';
import { Outcome } from '../shared/outcome.tsx';
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
          <AsksFirst
            isApart
            label={w('statement.clear')}
            isDisabled={isWorking}
            question={w('statement.clear.sure')}
            yes={w('statement.clear.go')}
            no={w('statement.no')}
            act={() => void model.allClear()}
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
        <AsksFirst
          isMain
          isApart
          label={isWorking ? w('statement.working') : w('statement.say')}
          isDisabled={isWorking}
          mayAsk={() => fits(text)}
          question={w('statement.say.sure')}
          yes={w('statement.say.go')}
          no={w('statement.no')}
          act={() => void model.say()}
        />
        <Outcome failed={saying.kind === 'failed' ? saying.why : null} done={doneWords(saying)} />
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

function doneWords({ kind }: Saying): string | null {
  if (kind === 'said') return w('statement.said');
  return kind === 'cleared' ? w('statement.done.cleared') : null;
}
