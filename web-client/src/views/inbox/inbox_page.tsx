import type { ComponentType } from 'preact';
import '../../styles/app/sub_page.css';
import '../../styles/app/talk.css';
import { topicFromKey, type Topic } from '../../model/conversation.ts';
import { i } from '../../words/app/inbox_words.ts';
import type { AppPageProps } from '../app/app_parts.ts';
import type { Desk } from '../app/desk.ts';
import { InboxModel } from './inbox_model.ts';
import { InboxView } from './inbox_view.tsx';
import { ThreadView } from './thread_view.tsx';

/** `#inbox`, `#inbox/TOPIC`, `#inbox/new` and `#inbox/new/BULLETIN`: the last two are there to write. */
export function inboxPage(desk: Desk): ComponentType<AppPageProps> {
  let model: InboxModel | null = null;
  return function InboxPage({ parts, path }: AppPageProps) {
    model ??= new InboxModel(desk, parts.feed);
    const now = parts.now.value;
    if (path.length === 0) return <InboxView model={model} now={now} />;
    const isNew = path[0] === 'new';
    const topic = topicOfPath(isNew ? path.slice(1) : path, isNew);
    if (topic === null) return <Nowhere />;
    return <ThreadView key={path.join('/')} model={model} topic={topic} now={now} isToWrite={isNew} />;
  };
}

function topicOfPath(path: readonly string[], isNew: boolean): Topic | null {
  const [key] = path;
  if (key === undefined) return isNew ? { kind: 'general' } : null;
  return topicFromKey(key);
}

function Nowhere() {
  return (
    <div class="empty">
      <h1>{i('thread.unknown.title')}</h1>
      <p>{i('thread.unknown.body')}</p>
      <p class="actions">
        <a class="button" href="#inbox">
          {i('thread.back')}
        </a>
      </p>
    </div>
  );
}
