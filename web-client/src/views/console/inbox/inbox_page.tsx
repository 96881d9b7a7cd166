import '../../../styles/console/inbox.css';
import { useEffect, useState } from 'preact/hooks';
import { Inbox } from '../../../account/inbox.ts';
import { People } from '../../../account/people.ts';
import { x } from '../../../words/console/inbox_words.ts';
import type { ConsolePageProps } from '../console_parts.ts';
import { startPolling } from '../shared/polling.ts';
import { ConversationView } from './conversation_view.tsx';
import { InboxList } from './inbox_list.tsx';
import { INBOX_EVERY_MS, InboxModel } from './inbox_model.ts';
import { KeptAnswers } from './kept_answers.ts';
import { OrganiserNames } from './organiser_names.ts';
import { PreparedAnswers } from './prepared_answers.ts';

/** What members write to the organisers, and who sees to it. */
export function InboxPage({ parts, member, path }: ConsolePageProps) {
  const [made] = useState(() => {
    const inbox = new Inbox(parts.api);
    return {
      inbox,
      model: new InboxModel(inbox, () => parts.clock.now()),
      kept: new KeptAnswers(parts.values, member.id, parts.randomId),
      prepared: new PreparedAnswers(parts.values),
      names: new OrganiserNames(),
    };
  });
  const { inbox, model, kept, prepared, names } = made;
  const isAdmin = member.roles.includes('admin');
  useEffect(() => {
    if (isAdmin) void names.load(new People(parts.quietApi));
  }, [names, isAdmin]);
  useEffect(
    () =>
      startPolling(parts, {
        everyMs: INBOX_EVERY_MS,
        ask: async () => model.refresh(),
        concerns: ({ kind }) => kind === 'conversation',
      }),
    [model],
  );
  const id = path[0];
  const now = parts.now.value;
  return (
    <div class={id === undefined ? 'inbox' : 'inbox inbox-opened'}>
      <h1 class="inbox-title">{x('title')}</h1>
      <InboxList model={model} kept={kept} names={names} me={member.id} opened={id ?? null} now={now} />
      {id === undefined ? (
        <p class="inbox-pick hint">{x('pick')}</p>
      ) : (
        <ConversationView key={id} id={id} me={member.id} isAdmin={isAdmin} parts={parts} inbox={inbox} kept={kept} prepared={prepared} names={names} now={now} />
      )}
    </div>
  );
}
