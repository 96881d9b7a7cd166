import { useState } from 'preact/hooks';
import { m } from '../../words/app/me_words.ts';

type SigningOut = 'asked' | 'failed' | 'idle' | 'working';

export interface DeviceCardProps {
  readonly showConsole: boolean;
  readonly signOut: () => Promise<boolean>;
}

export function DeviceCard({ showConsole, signOut }: DeviceCardProps) {
  const [state, setState] = useState<SigningOut>('idle');
  const leave = async (): Promise<void> => {
    setState('working');
    if (!(await signOut())) setState('failed');
  };
  return (
    <footer class="device">
      <h2>{m('device.title')}</h2>
      {state === 'failed' && <p role="alert">{m('device.sign_out.failed')}</p>}
      {state === 'idle' || state === 'failed' ? (
        <p class="actions">
          {showConsole && (
            <a class="button button-quiet" href="/console">
              {m('device.console')}
            </a>
          )}
          <button type="button" class="button button-quiet" onClick={() => setState('asked')}>
            {m('device.sign_out')}
          </button>
        </p>
      ) : (
        <div role="group" aria-label={m('device.sign_out')}>
          <p>{m('device.sign_out.sure')}</p>
          <p class="actions">
            <button type="button" class="button button-quiet" onClick={() => setState('idle')}>
              {m('device.sign_out.no')}
            </button>
            <button type="button" class="button button-danger" aria-disabled={state === 'working'} onClick={() => void leave()}>
              {m('device.sign_out.yes')}
            </button>
          </p>
        </div>
      )}
    </footer>
  );
}
