import '../../styles/app/push.css';
import { useEffect } from 'preact/hooks';
import { assertNever } from '../../model/assert_never.ts';
import { SHOWN_OF_IT, type PushState } from '../../model/push.ts';
import { clockText, type Quiet, type QuietHours } from '../../model/quiet.ts';
import { p } from '../../words/app/push_words.ts';
import type { Push } from '../app/push.ts';
import { Part, SubPage } from './sub_page.tsx';

export interface NotificationsViewProps {
  readonly push: Push;
  readonly quiet: Quiet;
}

/** How notifications stand on this device, what they show and when they come, and who learns of them. */
export function NotificationsView({ push, quiet }: NotificationsViewProps) {
  useEffect(() => {
    // Whoever was in the browser's settings comes back to what is true now.
    const look = (): void => void push.look();
    look();
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [push]);
  const { state, wish } = push.snapshot.value;
  return (
    <SubPage title={p('title')}>
      <Standing push={push} state={state} />
      {wish.isOn && (state.kind === 'on' || state.kind === 'failed') && (
        <>
          <Shows push={push} />
          <When push={push} quiet={quiet} />
        </>
      )}
      {state.kind !== 'none' && (
        <Part id="push-knows" title={p('knows')}>
          <p>{p('knows.what')}</p>
          <p>{p('knows.service')}</p>
        </Part>
      )}
    </SubPage>
  );
}

function Standing({ push, state }: { push: Push; state: PushState }) {
  const { isWorking } = push.snapshot.value;
  switch (state.kind) {
    case 'none':
      return <p role="status">{isWorking ? p('working') : p('none')}</p>;
    case 'install':
      return (
        <>
          <p role="status">{p('install')}</p>
          <p class="actions">
            <a class="button" href="#me/install">
              {p('install.how')}
            </a>
          </p>
        </>
      );
    case 'blocked':
      return (
        <>
          <p role="status">{p('blocked')}</p>
          <Part id="push-unblock" title={p('blocked.how')}>
            <ol class="points">
              <li>{p('blocked.1', { host: location.host })}</li>
              <li>{p('blocked.2')}</li>
              <li>{p('blocked.3')}</li>
            </ol>
          </Part>
        </>
      );
    case 'off':
      return (
        <>
          <p>{p('what')}</p>
          <p role="status">{p('off')}</p>
          <Turn words={p('turn_on')} isWorking={isWorking} turn={push.turnOn} />
          <p class="hint">{p('asks')}</p>
        </>
      );
    case 'on':
      return (
        <>
          <p role="status">{p('on')}</p>
          <Turn words={p('turn_off')} isQuiet isWorking={isWorking} turn={push.turnOff} />
        </>
      );
    case 'failed':
      return (
        <>
          <p class="problem" role="alert">
            {p(`failed.${state.why}`)}
          </p>
          <Turn words={p('again')} isWorking={isWorking} turn={push.look} />
          <Turn words={p('turn_off')} isQuiet isWorking={isWorking} turn={push.turnOff} />
        </>
      );
    default:
      return assertNever(state);
  }
}

function Turn({ words, isWorking, turn, isQuiet = false }: { words: string; isWorking: boolean; turn: () => Promise<void>; isQuiet?: boolean }) {
  return (
    <p class="actions">
      <button
        type="button"
        class={isQuiet ? 'button button-quiet' : 'button'}
        aria-disabled={isWorking}
        onClick={() => {
          if (!isWorking) void turn();
        }}
      >
        {words}
      </button>
    </p>
  );
}

function Shows({ push }: { push: Push }) {
  const { shows } = push.snapshot.value.wish;
  return (
    <Part id="push-shows" title={p('shows')}>
      <fieldset class="push-choices" aria-labelledby="push-shows">
        {SHOWN_OF_IT.map((each) => (
          <label class="me-choice" key={each}>
            <input type="radio" name="push-shows" checked={shows === each} onChange={() => void push.choose({ shows: each })} />
            <span>
              {p(`shows.${each}`)}
              <span class="hint">{p(`shows.${each}.what`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Part>
  );
}

function When({ push, quiet: { hours, muted } }: NotificationsViewProps) {
  const { urgentBreaksQuiet } = push.snapshot.value.wish;
  return (
    <Part id="push-when" title={p('when')}>
      <p>
        {hoursWords(hours)} {muted.length > 0 && p.counted('when.muted', muted.length)}
      </p>
      {hours !== null && (
        <div class="push-choices">
          <label class="me-choice">
            <input
              type="checkbox"
              checked={urgentBreaksQuiet}
              onChange={(event) => void push.choose({ urgentBreaksQuiet: event.currentTarget.checked })}
            />
            <span>
              {p('when.urgent')}
              <span class="hint">{p('when.urgent.what')}</span>
            </span>
          </label>
        </div>
      )}
      <p>
        <a href="#me/quiet">{p('when.change')}</a>
      </p>
    </Part>
  );
}

function hoursWords(hours: QuietHours | null): string {
  if (hours === null) return p('when.always');
  const [from, until] = [clockText(hours.from), clockText(hours.until)];
  return from === until ? p('when.all_day', { until }) : p('when.quiet', { from, until });
}
