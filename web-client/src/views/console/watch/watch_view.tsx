import type { Watch } from '../../../protocol/api.gen.ts';
import { w } from '../../../words/console/watch_words.ts';
import { exactTime } from '../../../words/exact_time.ts';
import { momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { Checklist } from './checklist.tsx';
import type { ChecklistModel } from './checklist_model.ts';
import { Figures } from './figures.tsx';
import { NodesView } from './nodes_view.tsx';
import type { PostureModel } from './posture_model.ts';
import { PosturePanel } from './posture_panel.tsx';
import { RecentView } from './recent_view.tsx';
import { situationOf, toneOf } from './situation.ts';
import { situationWords } from './situation_words.ts';
import type { StatementModel } from './statement_model.ts';
import { StatementPanel } from './statement_panel.tsx';
import type { WatchModel } from './watch_model.ts';

interface WatchViewProps {
  readonly watch: WatchModel;
  /** `null`: whoever looks may not order. */
  readonly control: { readonly posture: PostureModel; readonly statement: StatementModel } | null;
  readonly checklist: ChecklistModel;
  readonly now: number;
}

export function WatchView({ watch, control, checklist, now }: WatchViewProps) {
  const watching = watch.watching.value;
  return (
    <div class="watch">
      <header class="desk-head watch-head">
        <h1>{w('title')}</h1>
        {watching.kind === 'loading' && (
          <p class="hint" role="status">
            {w('loading')}
          </p>
        )}
        {watching.kind === 'failed' && (
          <div class="problem" role="alert">
            <p>
              {w('failed')} {failureWords(watching.why)}
            </p>
            <p class="actions">
              <button type="button" class="button button-quiet" onClick={() => void watch.ask()}>
                {w('again')}
              </button>
            </p>
          </div>
        )}
        {watching.kind === 'shown' && (
          <>
            <Now watch={watching.watch} now={now} />
            <p class="hint">{w('as_of', { time: exactTime(watching.heardAt) })}</p>
            <Stale model={watch} />
          </>
        )}
      </header>
      <div class="desk watch-figures">
        {watching.kind === 'shown' && (
          <>
            <Figures watch={watching.watch} />
            <RecentView points={watching.watch.recent} now={now} />
            <NodesView watch={watching.watch} now={now} />
          </>
        )}
      </div>
      <div class="desk watch-side">
        {control === null ? (
          <p class="panel hint">{w('posture.admins')}</p>
        ) : (
          <>
            <PosturePanel model={control.posture} version={versionOf(watching)} now={now} />
            <StatementPanel model={control.statement} now={now} />
          </>
        )}
        <Checklist model={checklist} />
      </div>
    </div>
  );
}

/** How things are, in plain words. A screen reader hears it when it changes. */
function Now({ watch, now }: { watch: Watch; now: number }) {
  const situation = situationOf(watch);
  const { posture } = watch;
  const values = { level: w(`level.${posture.level}`), time: momentWords(posture.since_ms, now) };
  return (
    <div class={`situation situation-${toneOf(situation)}`}>
      <p class="situation-words" role="status">
        {situationWords(situation)}
      </p>
      <p class="situation-since">
        {posture.ordered_until_ms === undefined
          ? w('since', { ...values, why: w(`why.${posture.why}`) })
          : w('until', { ...values, until: momentWords(posture.ordered_until_ms, now) })}
      </p>
      {!watch.is_complete && <p class="situation-since">{w('incomplete')}</p>}
    </div>
  );
}

function Stale({ model }: { model: WatchModel }) {
  const staleMs = model.staleMs.value;
  const watching = model.watching.value;
  if (staleMs === null || watching.kind !== 'shown') return null;
  return (
    <p class="problem" role="alert">
      {w.counted('stale', Math.floor(staleMs / 1_000))} {watching.trouble !== null && failureWords(watching.trouble)}
    </p>
  );
}

function versionOf(watching: WatchModel['watching']['value']): string {
  if (watching.kind !== 'shown') return watching.kind;
  const { level, since_ms, ordered_until_ms } = watching.watch.posture;
  return `${level} ${since_ms} ${ordered_until_ms ?? ''}`;
}
