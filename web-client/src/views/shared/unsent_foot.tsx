import { assertNever } from '../../model/assert_never.ts';
import type { OutboxState, Refusal } from '../../model/outbox_item.ts';
import { u } from '../../words/app/unsent_words.ts';
import { clockWords } from '../../words/times.ts';

export interface UnsentFootProps {
  readonly state: OutboxState;
  readonly isConnected: boolean;
  readonly retry: () => void;
  /** Back to where it is written. */
  readonly edit: () => void;
  readonly discard: () => void;
}

/** What became of something that this device has to hand over. It never says more than is known. */
export function UnsentFoot({ state, isConnected, retry, edit, discard }: UnsentFootProps) {
  switch (state.kind) {
    case 'waiting':
      return <p class="saying-foot">{isConnected ? u('unsent.waiting') : u('unsent.kept')}</p>;
    case 'sending':
      return <p class="saying-foot">{u('unsent.sending')}</p>;
    case 'posted':
      return <p class="saying-foot">{state.at === undefined ? u('unsent.sent') : u('unsent.sent_at', { time: clockWords(state.at) })}</p>;
    case 'refused':
      return (
        <div class="saying-foot">
          <p class="problem">{refusalWords(state.code)}</p>
          <p class="actions">
            <button type="button" class="button button-quiet" onClick={retry}>
              {u('unsent.retry')}
            </button>
            <button type="button" class="button button-quiet" onClick={edit}>
              {u('unsent.edit')}
            </button>
            <button type="button" class="button button-plain" onClick={discard}>
              {u('unsent.discard')}
            </button>
          </p>
        </div>
      );
    default:
      return assertNever(state);
  }
}

/** Centrifuge's number for what one may not do. */
const PERMISSION_DENIED = 103;

function refusalWords(code: Refusal): string {
  switch (code) {
    case 'too_many_unanswered':
      return u('unsent.refused.unanswered');
    case 'too_many_conversations':
      return u('unsent.refused.conversations');
    case 'bulletin_unknown':
      return u('unsent.refused.bulletin');
    case 'forbidden':
    case PERMISSION_DENIED:
      return u('unsent.refused.forbidden');
    case 'bad_request':
      return u('unsent.refused.text');
    default:
      return u('unsent.refused.other', { code });
  }
}
