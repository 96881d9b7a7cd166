import { INBOX_FILTERS } from '../../../account/inbox.ts';
import type { Conversation } from '../../../protocol/api.gen.ts';
import { x } from '../../../words/console/inbox_words.ts';
import { asOfWords, momentWords } from '../../../words/times.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { hashOf } from '../route.ts';
import { aboutWords, memberWords, organiserWords } from './conversation_words.ts';
import type { InboxModel } from './inbox_model.ts';
import type { KeptAnswers } from './kept_answers.ts';
import type { OrganiserNames } from './organiser_names.ts';

export interface InboxListProps {
  readonly model: InboxModel;
  readonly kept: KeptAnswers;
  readonly names: OrganiserNames;
  readonly me: string;
  readonly opened: string | null;
  readonly now: number;
}

export function InboxList({ model, kept, names, me, opened, now }: InboxListProps) {
  const filter = model.filter.value;
  const listing = model.listing.value;
  return (
    <section class="inbox-list" aria-label={x('list')}>
      <div class="filters" role="group" aria-label={x('filter')}>
        {INBOX_FILTERS.map((each) => (
          <button type="button" key={each} aria-pressed={each === filter} onClick={() => void model.choose(each)}>
            {x(`filter.${each}`)}
          </button>
        ))}
      </div>
      {listing.kind === 'loading' && (
        <p class="hint" role="status">
          {x('loading')}
        </p>
      )}
      {listing.kind === 'failed' && (
        <p class="problem" role="alert">
          {failureWords(listing.why)}
        </p>
      )}
      {listing.kind === 'listed' && (
        <>
          {listing.stale !== null && <p class="problem">{x('stale', { why: failureWords(listing.stale) })}</p>}
          {listing.conversations.length === 0 && <p class="hint">{x(`empty.${filter}`)}</p>}
          <ul>
            {listing.conversations.map((conversation) => (
              <li key={conversation.id}>
                <Item
                  conversation={conversation}
                  isOpened={conversation.id === opened}
                  hasDraft={kept.get(conversation.id) !== null}
                  names={names}
                  me={me}
                  now={now}
                />
              </li>
            ))}
          </ul>
          <p class="more">
            <small>{x('as_of', { time: asOfWords(listing.asOf, now) })}</small>
            {listing.next === null && listing.conversations.length > 0 && <small>{x('all')}</small>}
            {listing.next !== null && (
              <button type="button" class="button button-quiet" onClick={() => void model.readOn()}>
                {x('more')}
              </button>
            )}
          </p>
        </>
      )}
    </section>
  );
}

interface ItemProps extends Pick<InboxListProps, 'me' | 'names' | 'now'> {
  readonly conversation: Conversation;
  readonly isOpened: boolean;
  readonly hasDraft: boolean;
}

function Item({ conversation, isOpened, hasDraft, names, me, now }: ItemProps) {
  const { assignee, state, unanswered } = conversation;
  const last = conversation.texts.at(-1);
  return (
    <a class="inbox-item" href={hashOf('inbox', conversation.id)} aria-current={isOpened ? 'true' : undefined}>
      <span class="inbox-item-head">
        <strong>{memberWords(conversation)}</strong>
        {last !== undefined && <small>{momentWords(last.at_ms, now)}</small>}
      </span>
      <small>{aboutWords(conversation)}</small>
      <span class="inbox-item-text">{last?.text ?? x('no_text')}</span>
      <span class="inbox-item-foot">
        {conversation.about === 'complaint' && <span class="badge badge-waiting">{x('complaint')}</span>}
        {unanswered > 0 && <span class="badge">{x.counted('unanswered', unanswered)}</span>}
        {unanswered === 0 && state === 'open' && <small>{x('answered')}</small>}
        {state === 'closed' && <small>{x('closed')}</small>}
        {hasDraft && <span class="badge">{x('draft')}</span>}
        <small>
          {assignee == null ? x('assignee.nobody') : x('assignee', { who: organiserWords(assignee, me, names) })}
        </small>
      </span>
    </a>
  );
}
