import type { Topic } from '../../model/conversation.ts';
import { i } from '../../words/app/inbox_words.ts';
import { language } from '../../words/translator.ts';
import type { InboxModel } from './inbox_model.ts';

export function topicWords(model: InboxModel, topic: Topic): string {
  switch (topic.kind) {
    case 'general':
      return i('thread.general');
    case 'complaint':
      return i('thread.complaint');
    case 'bulletin': {
      const title = model.bulletinTitle(topic.id, language.value);
      return title === null ? i('thread.bulletin_gone') : i('thread.bulletin', { title });
    }
  }
}
