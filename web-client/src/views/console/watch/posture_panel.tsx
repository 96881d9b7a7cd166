import { useEffect, useId, useState } from 'preact/hooks';
import type { Posture, PostureName } from '../../../protocol/api.gen.ts';
import { PostureName as Names } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/watch_words.ts';
import { momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { AsksFirst } from '../shared/asks_first.tsx';
import { Outcome } from '../shared/outcome.tsx';
import {
  ORDER_LASTS_DEFAULT_S,
  ORDER_LASTS_S,
  problemOf,
  type Doing,
  type PostureModel,
  type WishProblem,
} from './posture_model.ts';

const LEVELS = Names.options;
const HOUR_S = 3_600;

interface PanelProps {
  readonly model: PostureModel;
  /** Changes whenever the level, its cause or an order does. */
  readonly version: string;
  readonly now: number;
}

export function PosturePanel({ model, version, now }: PanelProps) {
  useEffect(() => void model.read(), [model, version]);
  const known = model.known.value;
  return (
    <section class="panel desk-parts" aria-labelledby="watch-posture-title">
      <h2 id="watch-posture-title">{w('posture.title')}</h2>
      {known.kind === 'loading' && (
        <p class="hint" role="status">
          {w('posture.loading')}
        </p>
      )}
      {known.kind === 'failed' && (
        <p class="problem" role="alert">
          {w('posture.failed')} {failureWords(known.why)}
        </p>
      )}
      {known.kind === 'read' && <Control model={model} posture={known.posture} now={now} />}
    </section>
  );
}

function Control({ model, posture, now }: { model: PostureModel; posture: Posture; now: number }) {
  const doing = model.doing.value;
  const isWorking = doing.kind === 'working';
  const { order } = posture;
  return (
    <>
      <div>
        <p class={`level level-${posture.posture}`}>{w(`level.${posture.posture}`)}</p>
        <p>{w(`does.${posture.posture}`)}</p>
        <p class="hint">{w('posture.own', { level: w(`level.${posture.own}`) })}</p>
        <p class="hint">
          {order === null || order === undefined
            ? w('posture.no_order')
            : w('posture.by', { who: order.who, until: momentWords(order.until, now), why: order.why })}
        </p>
        {order !== null && order !== undefined && (
          <AsksFirst
            isApart
            label={w('posture.take_back')}
            isDisabled={isWorking}
            question={w('posture.take_back.sure')}
            yes={w('posture.take_back.go')}
            no={w('posture.sure.no')}
            act={() => void model.takeBack()}
          />
        )}
      </div>
      <OrderForm model={model} posture={posture} isWorking={isWorking} />
      <Outcome failed={doing.kind === 'failed' ? doing.why : null} done={doneWords(doing)} />
    </>
  );
}

function OrderForm({ model, posture, isWorking }: { model: PostureModel; posture: Posture; isWorking: boolean }) {
  const [level, setLevel] = useState<PostureName>('under_attack');
  const [why, setWhy] = useState('');
  const [lastsS, setLastsS] = useState<number>(ORDER_LASTS_DEFAULT_S);
  const [problem, setProblem] = useState<WishProblem | null>(null);
  const id = useId();
  const wish = { posture: level, why, lastsS };
  const mayAsk = (): boolean => {
    const found = problemOf(wish);
    setProblem(found);
    return found === null;
  };
  const order = async (): Promise<void> => {
    if (await model.order(wish)) setWhy('');
  };
  const isLower = LEVELS.indexOf(level) < LEVELS.indexOf(posture.own);
  return (
    <div class="order">
      <p class="hint">{w('posture.lead')}</p>
      <fieldset class="levels">
        <legend class="field-label">{w('posture.choose')}</legend>
        {LEVELS.map((each) => (
          <label class="choice" key={each}>
            <input type="radio" name="level" value={each} checked={level === each} onChange={() => setLevel(each)} />
            <span>{w(`level.${each}`)}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span class="field-label">{w('posture.reason')}</span>
        <textarea
          rows={2}
          value={why}
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? undefined : `${id}-problem`}
          onInput={(event) => setWhy(event.currentTarget.value)}
        />
      </label>
      {problem !== null && (
        <p class="problem" role="alert" id={`${id}-problem`}>
          {w(problem === 'no-reason' ? 'posture.reason.none' : 'posture.reason.long')}
        </p>
      )}
      <label class="field">
        <span class="field-label">{w('posture.lasts')}</span>
        <select value={String(lastsS)} onChange={(event) => setLastsS(Number(event.currentTarget.value))}>
          {ORDER_LASTS_S.map((seconds) => (
            <option key={seconds} value={String(seconds)}>
              {lastsWords(seconds)}
            </option>
          ))}
        </select>
      </label>
      <AsksFirst
        isMain
        isApart
        label={isWorking ? w('posture.working') : w('posture.review')}
        isDisabled={isWorking}
        mayAsk={mayAsk}
        question={w('posture.sure', { level: w(`level.${level}`), lasts: lastsWords(lastsS) })}
        yes={w('posture.sure.go', { level: w(`level.${level}`) })}
        no={w('posture.sure.no')}
        act={() => void order()}
      >
        <p>{w(`does.${level}`)}</p>
        <p>{w('posture.raise')}</p>
        {isLower && <p class="problem">{w('posture.lower')}</p>}
      </AsksFirst>
    </div>
  );
}

/** What was done, and how far it reaches; `null`: nothing yet. */
function doneWords(doing: Doing): string | null {
  switch (doing.kind) {
    case 'ordered':
      return w(`posture.done.ordered.${doing.reach}`);
    case 'taken-back':
      return w(`posture.done.taken_back.${doing.reach}`);
    default:
      return null;
  }
}

function lastsWords(seconds: number): string {
  return seconds < HOUR_S ? w.counted('posture.minutes', seconds / 60) : w.counted('posture.hours', seconds / HOUR_S);
}
