import { useEffect, useRef } from 'preact/hooks';
import { MAX_REPLY_CHARS, type Said, type Topic } from '../../model/conversation.ts';
import { i } from '../../words/app/inbox_words.ts';
import { momentWords } from '../../words/times.ts';
import { LinkedText } from '../shared/linked_text.tsx';
import { SayingCard, Talk } from '../shared/talk.tsx';
import { UnsentCard } from '../shared/unsent_card.tsx';
import { WritingBox } from '../shared/writing_box.tsx';
import type { InboxModel } from './inbox_model.ts';
import { topicWords } from './topic_words.ts';

export interface ThreadViewProps {
  readonly model: InboxModel;
  readonly topic: Topic;
  readonly now: number;
  /** Opened to write: the field has the focus, else the heading. */
  readonly isToWrite: boolean;
}

export function ThreadView({ model, topic, now, isToWrite }: ThreadViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { conversation, unsent } = model.thread(topic);
  const texts = conversation?.texts ?? [];
  const last = unsent.at(-1)?.id ?? String(texts.at(-1)?.at ?? 0);
  useEffect(() => {
    if (!isToWrite) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section class="thread-page" aria-labelledby="thread-title">
      <a class="back" href="#inbox">
        <span aria-hidden="true">‹ </span>
        {i('thread.back')}
      </a>
      <h1 id="thread-title" ref={heading} tabIndex={-1}>
        {topicWords(model, topic)}
      </h1>
      {topic.kind === 'complaint' && <ComplaintWords by={conversation?.acknowledgeBy ?? null} now={now} />}
      <Talk label={i('thread.log')} last={last} seen={() => model.opened(topic)}>
        {texts.length + unsent.length === 0 && <p class="hint">{i('thread.nothing')}</p>}
        {texts.map((said) => (
          <SaidCard key={`${said.from} ${said.at} ${said.id ?? ''}`} said={said} now={now} />
        ))}
        {unsent.map((item) => (
          <UnsentCard
            key={item.id}
            who={i('thread.you')}
            text={item.letter.text}
            writtenAt={item.createdAt}
            now={now}
            state={item.state}
            isConnected={model.isConnected}
            retry={() => void model.retry(item.id)}
            edit={() => void model.takeBack(item)}
            discard={() => void model.discard(item.id)}
          />
        ))}
      </Talk>
      {conversation?.isOpen === false && <p class="aside">{i('thread.closed')}</p>}
      <WritingBox
        label={i('thread.label')}
        hint={`${i('inbox.who')} ${i('thread.kept_for')}`}
        sendWords={i('thread.send')}
        leftWords={(left) => i('thread.left', { left })}
        tooLongWords={(over) => i('thread.too_long', { over })}
        failedWords={i('thread.not_kept')}
        maxChars={MAX_REPLY_CHARS}
        text={model.draft(topic)}
        write={(text) => model.write(topic, text)}
        send={async (text) => model.send(topic, text)}
        takesFocus={isToWrite}
      />
    </section>
  );
}

function SaidCard({ said: { from, text, at }, now }: { said: Said; now: number }) {
  return (
    <SayingCard
      who={from === 'member' ? i('thread.you') : i('thread.organisers')}
      isOwn={from === 'member'}
      text={text}
      time={momentWords(at, now)}
      dateTime={new Date(at).toISOString()}
    />
  );
}

function ComplaintWords({ by, now }: { by: number | null; now: number }) {
  return (
    <div class="complaint">
      <p>{i('complaint.what')}</p>
      <p>{by === null ? i('complaint.when') : i('complaint.by', { time: momentWords(by, now) })}</p>
      <p>
        <LinkedText text={i('complaint.ico')} />
      </p>
    </div>
  );
}
