import '../../../../styles/console/import.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Imports } from '../../../../account/imports.ts';
import { saveFile } from '../../../../platform/save_file.ts';
import { m } from '../../../../words/console/import_words.ts';
import { momentWords } from '../../../../words/times.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import type { ConsoleParts } from '../../console_parts.ts';
import { COLUMNS, EXAMPLE, type Unreadable } from './csv.ts';
import { ImportModel, type Importing, type Progress } from './import_model.ts';
import { CountList, LinksPanel, RefusedPanel } from './import_results.tsx';

const DAY_S = 86_400;
const LIFETIMES_DAYS = [7, 30, 90] as const;
const CSV_TYPE = 'text/csv;charset=utf-8';

export function ImportTab({ parts }: { parts: ConsoleParts }) {
  const [model] = useState(
    () => new ImportModel({ imports: new Imports(parts.api), clock: parts.clock, random: parts.random, values: parts.values }),
  );
  useEffect(() => () => model.close(), [model]);
  const state = model.state.value;
  return (
    <div class="people import">
      <h1>{m('title')}</h1>
      <p>{m('lead')}</p>
      <Step model={model} state={state} now={parts.now.value} />
    </div>
  );
}

function Step({ model, state, now }: { model: ImportModel; state: Importing; now: number }) {
  switch (state.kind) {
    case 'idle':
      return (
        <>
          <UnfinishedNote model={model} now={now} />
          <ChooseFile model={model} />
          <ColumnHelp />
        </>
      );
    case 'unreadable':
      return (
        <>
          <p class="problem" role="alert">
            {unreadableWords(state.why)}
          </p>
          <ChooseFile model={model} />
          <ColumnHelp />
        </>
      );
    case 'checking':
      return <ProgressPanel title={m('checking')} progress={state} />;
    case 'checked':
      return (
        <>
          <StartPanel model={model} state={state} />
          <RefusedPanel model={model} refused={state.refused} />
        </>
      );
    case 'importing':
      return <ProgressPanel title={m('importing')} progress={state} stop={() => model.stop()} />;
    case 'stopped':
      return (
        <Panel title={m('stopped')}>
          <p>{m('stopped.body', numbers(state))}</p>
          <p class="actions">
            <button type="button" class="button" onClick={() => void model.resume()}>
              {m('resume')}
            </button>
            <Other model={model} />
          </p>
        </Panel>
      );
    case 'failed':
      return (
        <Panel title={m('failed')}>
          <p class="problem" role="alert">
            {failureWords(state.why)}
          </p>
          <p>{m('failed.safe')}</p>
          <p class="actions">
            <button type="button" class="button" onClick={() => void model.resume()}>
              {m('again')}
            </button>
            <Other model={model} />
          </p>
        </Panel>
      );
    case 'finished':
      return (
        <>
          <Panel title={m('finished')}>
            <CountList counts={state.counts} />
          </Panel>
          <LinksPanel model={model} links={state.links} />
          <RefusedPanel model={model} refused={state.refused} />
          <p class="actions">
            <Other model={model} />
          </p>
        </>
      );
  }
}

function UnfinishedNote({ model, now }: { model: ImportModel; now: number }) {
  const unfinished = model.unfinished.value;
  if (unfinished === null) return null;
  return (
    <div class="banner">
      <p>{m('unfinished', { time: momentWords(unfinished.at, now), ...numbers(unfinished) })}</p>
      <button type="button" class="button button-plain" onClick={() => model.forgetUnfinished()}>
        {m('unfinished.forget')}
      </button>
    </div>
  );
}

function ChooseFile({ model }: { model: ImportModel }) {
  const [isOver, setOver] = useState(false);
  const take = async (files: FileList | null | undefined): Promise<void> => {
    const file = files?.[0];
    if (file !== undefined) await model.check(await file.arrayBuffer());
  };
  return (
    <label
      class={isOver ? 'panel drop drop-over' : 'panel drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files);
      }}
    >
      <span class="field-label">{m('choose')}</span>
      <input type="file" accept=".csv,text/csv" onChange={(event) => void take(event.currentTarget.files)} />
      <small class="hint">{m('choose.drop')}</small>
    </label>
  );
}

function ColumnHelp() {
  return (
    <section class="panel" aria-labelledby="columns-title">
      <h2 id="columns-title">{m('help')}</h2>
      <p>{m('help.body')}</p>
      <dl class="known">
        {COLUMNS.map((column) => (
          <div key={column}>
            <dt class="mono">{column}</dt>
            <dd>{m(`help.${column}`)}</dd>
          </div>
        ))}
      </dl>
      <p class="actions">
        <button type="button" class="button button-quiet" onClick={() => saveFile('example.csv', new Blob([EXAMPLE], { type: CSV_TYPE }))}>
          {m('help.example')}
        </button>
      </p>
    </section>
  );
}

function ProgressPanel({ title, progress, stop }: { title: string; progress: Progress; stop?: () => void }) {
  return (
    <Panel title={title}>
      <progress max={progress.of} value={progress.done} aria-label={title} />
      <p role="status">{m('progress', numbers(progress))}</p>
      {progress.held !== null && (
        <p class="problem" role="status">
          {m('held', { why: failureWords(progress.held) })}
        </p>
      )}
      {stop !== undefined && (
        <p class="actions">
          <button type="button" class="button button-quiet" onClick={stop}>
            {m('stop')}
          </button>
        </p>
      )}
    </Panel>
  );
}

function StartPanel({ model, state }: { model: ImportModel; state: Extract<Importing, { kind: 'checked' }> }) {
  const [days, setDays] = useState<number>(30);
  const { counts } = state;
  const rows = counts.would_add + counts.present + counts.joined + counts.left;
  const submit = (event: Event): void => {
    event.preventDefault();
    void model.start(days * DAY_S);
  };
  return (
    <Panel title={m('checked')}>
      <p class="hint">{m('checked.nothing')}</p>
      <CountList counts={counts} />
      {rows === 0 ? (
        <p class="problem">{m('nothing')}</p>
      ) : (
        <form class="start" onSubmit={submit}>
          <label class="field">
            <span class="field-label">{m('lifetime')}</span>
            <select value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
              {LIFETIMES_DAYS.map((each) => (
                <option key={each} value={String(each)}>
                  {m.counted('days', each)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="button">
            {m.counted('start', rows)}
          </button>
        </form>
      )}
      <p class="actions">
        <Other model={model} />
      </p>
    </Panel>
  );
}

function Other({ model }: { model: ImportModel }) {
  return (
    <button type="button" class="button button-quiet" onClick={() => model.reset()}>
      {m('other')}
    </button>
  );
}

/** What comes next has the focus, so that who listens hears of it. */
function Panel({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <section class="panel" aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}

function numbers({ done, of }: { readonly done: number; readonly of: number }): { done: string; of: string } {
  return { done: formatNumber(done, language.value), of: formatNumber(of, language.value) };
}

function unreadableWords(why: Unreadable): string {
  switch (why.kind) {
    case 'column':
    case 'column-twice':
      return m(`unreadable.${why.kind}`, { column: why.column });
    case 'empty':
    case 'no-reference':
    case 'not-utf8':
    case 'too-large':
    case 'too-many-rows':
      return m(`unreadable.${why.kind}`);
  }
}
