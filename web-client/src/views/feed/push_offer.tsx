import '../../styles/app/push.css';
import { useState } from 'preact/hooks';
import { p } from '../../words/app/push_words.ts';
import type { Push } from '../app/push.ts';

/**
 * Says in plain words what notifications are before the browser asks, which asks only once. It stands over the page, so that
 * nothing moves while somebody reads; whoever closes it never sees it again.
 */
export function PushOffer({ push }: { push: Push }) {
  const [isClosed, setIsClosed] = useState(false);
  if (isClosed) {
    return (
      <p class="unseen" role="status">
        {p('offer.closed')}
      </p>
    );
  }
  if (!push.isOffered.value) return null;
  const close = (): void => {
    setIsClosed(true);
    push.closeOffer();
  };
  const accept = async (): Promise<void> => {
    await push.turnOn();
    push.closeOffer();
  };
  return (
    <aside class="new-version push-offer" aria-labelledby="push-offer">
      <h2 id="push-offer">{p('offer')}</h2>
      <p>{p('offer.body')}</p>
      <p class="actions">
        <button type="button" class="button" aria-disabled={push.snapshot.value.isWorking} onClick={() => void accept()}>
          {p('offer.yes')}
        </button>
        <button type="button" class="button button-quiet" onClick={close}>
          {p('offer.no')}
        </button>
      </p>
    </aside>
  );
}
