import { useEffect, useState } from 'preact/hooks';
import type { Inbox } from '../../../account/inbox.ts';
import type { Conversation } from '../../../protocol/api.gen.ts';
import { x } from '../../../words/console/inbox_words.ts';
import { momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { LinkedText } from '../../shared/linked_text.tsx';
import type { ConsoleParts } from '../console_parts.ts';
import { hashOf } from '../route.ts';
import { startPolling } from '../shared/polling.ts';
import { AnswerForm } from './answer_form.tsx';
import { BulletinAnswered } from './bulletin_answered.tsx';
import { ConversationModel } from './conversation_model.ts';
import { memberWords, organiserWords } from './conversation_words.ts';
import { HandlingPanel } from './handling_panel.tsx';
import { INBOX_EVERY_MS } from './inbox_model.ts';
import type { KeptAnswers } from './kept_answers.ts';
import type { OrganiserNames } from './organiser_names.ts';
import type { PreparedAnswers } from './prepared_answers.ts';

export interface ConversationViewProps {
  readonly id: string;
  /** Who looks. */
  readonly me: string;
  readonly isAdmin: boolean;
  readonly parts: ConsoleParts;
  readonly inbox: Inbox;
  readonly kept: KeptAnswers;
  readonly prepared: PreparedAnswers;
  readonly names: OrganiserNames;
  readonly now: number;
}

export function ConversationView({ id, me, isAdmin, parts, inbox, kept, prepared, names, now }: ConversationViewProps) {
  const [model] = useState(() => new ConversationModel(id, me, inbox, kept));
  useEffect(
    () =>
      startPolling(parts, {
        everyMs: INBOX_EVERY_MS,
        ask: async () => model.refresh(),
        concerns: (notice) => notice.kind === 'conversation' && notice.id === id,
      }),
    [model],
  );
  const shown = model.shown.value;
  const conversation = shown.kind === 'shown' ? shown.conversation : null;
  useEffect(() => {
    if (conversation !== null) names.met([conversation.assignee, ...conversation.texts.map(({ by }) => by)]);
  }, [conversation]);
  return (
    <article class="conversation">
      <a class="way-back inbox-back" href={hashOf('inbox')}>
        ← {x('back')}
      </a>
      {shown.kind === 'loading' && (
        <p class="hint" role="status">
          {x('loading')}
        </p>
      )}
      {shown.kind === 'failed' && (
        <p class="problem" role="alert">
          {shown.why === 'conversation_unknown' ? x('gone') : failureWords(shown.why)}
        </p>
      )}
      {conversation !== null && (
        <>
          <header class="conversation-head">
            <h2 tabIndex={-1} data-page-heading>
              {x('with', { name: memberWords(conversation) })}
            </h2>
            {isAdmin && (
              <a class="cell-link" href={hashOf('people', 'members', conversation.member)}>
                {x('open_member')}
              </a>
            )}
          </header>
          {conversation.about === 'complaint' && <Acknowledge conversation={conversation} now={now} />}
          {conversation.bulletin != null && <BulletinAnswered id={conversation.bulletin} inbox={inbox} />}
          <Texts conversation={conversation} me={me} names={names} now={now} />
          <AnswerForm model={model} prepared={prepared} isComplaint={conversation.about === 'complaint'} />
          <HandlingPanel model={model} conversation={conversation} me={me} names={names} />
        </>
      )}
    </article>
  );
}

function Acknowledge({ conversation, now }: { conversation: Conversation; now: number }) {
  const until = conversation.acknowledge_by_ms;
  if (until === undefined) return null;
  const isLate = until < now;
  return (
    <p class={isLate ? 'problem' : 'warning'}>
      {x(isLate ? 'acknowledge.late' : 'acknowledge', { time: momentWords(until, now) })}
    </p>
  );
}

interface TextsProps extends Pick<ConversationViewProps, 'me' | 'names' | 'now'> {
  readonly conversation: Conversation;
}

function Texts({ conversation, me, names, now }: TextsProps) {
  return (
    <div role="log" aria-label={x('texts')}>
      <ol class="texts">
        {conversation.texts.map(({ at_ms: at, by, from, id, text }) => (
          <li key={`${from} ${at} ${id}`} class={`text text-${from}`}>
            <p class="text-head">
              <strong>
                {from === 'member' ? memberWords(conversation) : x('from.organiser')}
                {by != null && ` (${organiserWords(by, me, names)})`}
              </strong>{' '}
              <small>
                <time dateTime={new Date(at).toISOString()}>{momentWords(at, now)}</time>
              </small>
            </p>
            <p class="text-body">
              <LinkedText text={text} />
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}
