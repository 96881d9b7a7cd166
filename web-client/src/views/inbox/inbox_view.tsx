import { useEffect } from 'preact/hooks';
import { topicKey } from '../../model/conversation.ts';
import type { Thread } from '../../model/thread.ts';
import { i } from '../../words/app/inbox_words.ts';
import { momentWords } from '../../words/times.ts';
import { failureWords } from '../shared/failure_words.ts';
import { Mark } from '../shared/mark.tsx';
import type { InboxModel } from './inbox_model.ts';
import { topicWords } from './topic_words.ts';

export function InboxView({ model, now }: { model: InboxModel; now: number }) {
  useEffect(() => model.refresh(), []);
  const threads = model.threads.value;
  const { freshness } = model;
  const isFirstReading = threads.length === 0 && (freshness.kind === 'reading' || freshness.kind === 'unknown');
  return (
    <section class="inbox" aria-labelledby="inbox-title">
      <div class="page-head">
        <h1 id="inbox-title">{i('inbox.title')}</h1>
        <a class="button" href="#inbox/new">
          {i('inbox.write')}
        </a>
      </div>
      <p class="hint">{i('inbox.who')}</p>
      {!model.isConnected && (
        <p class="aside" role="status">
          {i('inbox.offline')}
        </p>
      )}
      {model.isConnected && freshness.kind === 'failed' && (
        <p class="aside" role="status">
          {i('inbox.failed', { why: failureWords(freshness.why) })} {i('inbox.again')}
        </p>
      )}
      {isFirstReading && model.isConnected ? (
        <p class="empty" role="status">
          {i('inbox.reading')}
        </p>
      ) : threads.length === 0 ? (
        <div class="empty">
          <Mark />
          <h2>{i('inbox.empty.title')}</h2>
          <p>{i('inbox.empty.body')}</p>
        </div>
      ) : (
        <ul class="threads" aria-label={i('inbox.list')}>
          {threads.map((thread) => (
            <ThreadLine key={topicKey(thread.topic)} thread={thread} model={model} now={now} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ThreadLine({ thread, model, now }: { thread: Thread; model: InboxModel; now: number }) {
  const { topic, conversation, unsent, lastText, lastAt, unread } = thread;
  return (
    <li>
      <a class={unread > 0 ? 'thread thread-unread' : 'thread'} href={`#inbox/${topicKey(topic)}`}>
        <span class="thread-topic">{topicWords(model, topic)}</span>
        <time class="thread-time" dateTime={new Date(lastAt).toISOString()}>
          {momentWords(lastAt, now)}
        </time>
        <span class="thread-last">{lastText}</span>
        {(unread > 0 || unsent.length > 0 || conversation?.isOpen === false) && (
          <span class="thread-marks">
            {unread > 0 && <span class="mark-new">{i.counted('inbox.unread', unread)}</span>}
            {unsent.length > 0 && <span class="badge">{i.counted('inbox.unsent', unsent.length)}</span>}
            {conversation?.isOpen === false && <span class="thread-closed">{i('inbox.closed')}</span>}
          </span>
        )}
      </a>
    </li>
  );
}
