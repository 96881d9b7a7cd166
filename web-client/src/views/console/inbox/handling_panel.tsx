import { useState } from 'preact/hooks';
import type { Conversation } from '../../../protocol/api.gen.ts';
import { x } from '../../../words/console/inbox_words.ts';
import type { ConversationModel } from './conversation_model.ts';
import { organiserWords } from './conversation_words.ts';
import type { OrganiserNames } from './organiser_names.ts';

export interface HandlingPanelProps {
  readonly model: ConversationModel;
  readonly conversation: Conversation;
  readonly me: string;
  readonly names: OrganiserNames;
}

/** Who sees to a conversation, and whether it is done. */
export function HandlingPanel({ model, conversation, me, names }: HandlingPanelProps) {
  const { assignee, state } = conversation;
  const isMine = assignee === me;
  const isWorking = model.doing.value.kind === 'working';
  return (
    <section class="handling" aria-label={x('assign')}>
      <p>
        {assignee == null ? x('assignee.nobody') : x('assignee', { who: organiserWords(assignee, me, names) })}
      </p>
      <p class="actions">
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={isWorking}
          onClick={() => void model.assign(isMine ? null : me)}
        >
          {x(isMine ? 'give_back' : 'take')}
        </button>
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={isWorking}
          onClick={() => void model.setState(state === 'open' ? 'closed' : 'open')}
        >
          {x(state === 'open' ? 'close' : 'reopen')}
        </button>
      </p>
      <AssignTo model={model} assignee={assignee ?? ''} me={me} names={names} />
    </section>
  );
}

function AssignTo({ model, assignee, me, names }: Pick<HandlingPanelProps, 'me' | 'model' | 'names'> & { readonly assignee: string }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const others = names.organisers.value.filter(({ id }) => id !== me);
  const submit = (event: Event): void => {
    event.preventDefault();
    const to = chosen ?? assignee;
    setChosen(null);
    void model.assign(to === '' ? null : to);
  };
  return (
    <form class="assign" onSubmit={submit}>
      <label class="field">
        <span class="field-label">{x('assign')}</span>
        <select value={chosen ?? assignee} onChange={(event) => setChosen(event.currentTarget.value)}>
          <option value="">{x('assign.nobody')}</option>
          <option value={me}>{x('assign.me')}</option>
          {others.map(({ id }) => (
            <option key={id} value={id}>
              {organiserWords(id, me, names)}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button button-quiet">
        {x('assign.save')}
      </button>
    </form>
  );
}
