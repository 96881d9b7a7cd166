import { useState } from 'preact/hooks';
import type { Member } from '../../model/session.ts';
import { t } from '../../words/app_words.ts';

type SigningOut = 'asked' | 'failed' | 'idle' | 'working';

export interface DeviceCardProps {
  readonly member: Member;
  readonly showConsole: boolean;
  readonly signOut: () => Promise<boolean>;
}

export function DeviceCard({ member, showConsole, signOut }: DeviceCardProps) {
  const [state, setState] = useState<SigningOut>('idle');
  const leave = async (): Promise<void> => {
    setState('working');
    if (!(await signOut())) setState('failed');
  };
  return (
    <footer class="device">
      <h2>{t('device.title')}</h2>
      <p class="device-member">{member.name ?? t('device.member', { id: member.id })}</p>
      {state === 'failed' && <p role="alert">{t('device.sign_out.failed')}</p>}
      {state === 'idle' || state === 'failed' ? (
        <p class="actions">
          {showConsole && (
            <a class="button button-quiet" href="/console">
              {t('device.console')}
            </a>
          )}
          <button type="button" class="button button-quiet" onClick={() => setState('asked')}>
            {t('device.sign_out')}
          </button>
        </p>
      ) : (
        <div role="group" aria-label={t('device.sign_out')}>
          <p>{t('device.sign_out.sure')}</p>
          <p class="actions">
            <button type="button" class="button button-quiet" onClick={() => setState('idle')}>
              {t('device.sign_out.no')}
            </button>
            <button type="button" class="button button-danger" aria-disabled={state === 'working'} onClick={() => void leave()}>
              {t('device.sign_out.yes')}
            </button>
          </p>
        </div>
      )}
    </footer>
  );
}
