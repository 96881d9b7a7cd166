import { assertNever } from '../../../../model/assert_never.ts';
import type { Bulletin } from '../../../../protocol/api.gen.ts';
import { b } from '../../../../words/console/bulletins_words.ts';
import { momentWords } from '../../../../words/times.ts';
import { byWords, sendAtWords } from '../state_words.ts';
import { storyOf, type Event } from './story.ts';

export function Timeline({ bulletin, me, now }: { bulletin: Bulletin; me: string; now: number }) {
  return (
    <section class="panel" aria-labelledby="story-title">
      <h2 id="story-title">{b('story')}</h2>
      <ol class="story">
        {storyOf(bulletin).map((event) => (
          <li key={event.kind} class={`story-${event.kind}`}>
            <EventWords event={event} me={me} now={now} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function EventWords({ event, me, now }: { event: Event; me: string; now: number }) {
  const time = (at: number | null): string => (at === null ? '' : momentWords(at, now));
  switch (event.kind) {
    case 'begun': {
      const isMine = event.by.includes(me);
      const key = isMine ? (event.by.length > 1 ? 'story.begun.you_and' : 'story.begun.you') : 'story.begun.other';
      return <>{b(key, { time: time(event.at) })}</>;
    }
    case 'changed':
      return <>{b.counted('story.changed', event.times)}</>;
    case 'returned':
      return <>{b('story.returned', { reason: event.reason })}</>;
    case 'awaiting':
      return <>{b('story.awaiting')}</>;
    case 'approved':
      return <>{b('story.approved', { by: byWords(event.by, me), time: time(event.at) })}</>;
    case 'one-person':
      return <>{b('story.one_person')}</>;
    case 'overridden':
      return <>{b('story.overridden', { by: byWords(event.by, me), time: time(event.at), reason: event.reason })}</>;
    case 'goes':
      return <>{b('story.goes', { time: sendAtWords(event.sendAt, now) })}</>;
    case 'sending':
      return <>{b('story.sending')}</>;
    case 'sent':
      return <>{b('story.sent', { time: time(event.at) })}</>;
    case 'corrects':
      return (
        <>
          {b('story.corrects')} <a href={`#bulletins/${event.id}`}>{b('story.look')}</a>
        </>
      );
    case 'corrected':
      return (
        <>
          {b('story.corrected')} <a href={`#bulletins/${event.by}`}>{b('story.look')}</a>
        </>
      );
    case 'withdrawn':
      return <>{b('story.withdrawn', { by: byWords(event.by, me), time: time(event.at) })}</>;
    case 'cancelled':
      return <>{b('story.cancelled')}</>;
    case 'expired':
      return <>{b('story.expired')}</>;
    default:
      return assertNever(event);
  }
}
