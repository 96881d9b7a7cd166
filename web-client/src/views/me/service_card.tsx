import { useState } from 'preact/hooks';
import { m } from '../../words/app/me_words.ts';
import { StatusLink } from '../shared/service_notices.tsx';

type Saying = 'failed' | 'idle' | 'said' | 'saying';

/** How the service does, and a member's word on it. */
export function ServiceCard({ sayItIsSlow }: { sayItIsSlow: () => Promise<boolean> }) {
  const [state, setState] = useState<Saying>('idle');
  const say = async (): Promise<void> => {
    if (state === 'saying') return;
    setState('saying');
    setState((await sayItIsSlow()) ? 'said' : 'failed');
  };
  return (
    <section class="device" aria-labelledby="service-title">
      <h2 id="service-title">{m('service.title')}</h2>
      <p class="actions">
        <button type="button" class="button button-quiet" aria-disabled={state === 'saying'} onClick={() => void say()}>
          {m('service.slow')}
        </button>
        <StatusLink />
      </p>
      <p role="status">{state === 'said' ? m('service.slow.said') : state === 'failed' ? m('service.slow.failed') : ''}</p>
    </section>
  );
}
