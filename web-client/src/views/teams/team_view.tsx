import { useEffect, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../model/assert_never.ts';
import type { Entry } from '../../model/entry.ts';
import type { ChannelGrant } from '../../model/session.ts';
import { isFromOrganisers } from '../../model/team_talk.ts';
import { MAX_TALK_CHARS } from '../../model/team_unread.ts';
import { w } from '../../words/app/teams_words.ts';
import { momentWords } from '../../words/times.ts';
import { language } from '../../words/translator.ts';
import { channelWords } from '../shared/channel_words.ts';
import { SayingCard, Talk } from '../shared/talk.tsx';
import { UnsentCard } from '../shared/unsent_card.tsx';
import { WritingBox } from '../shared/writing_box.tsx';
import { saidIn, whoWords } from './team_words.ts';
import type { TeamsModel } from './teams_model.ts';

export interface TeamViewProps {
  readonly model: TeamsModel;
  readonly team: ChannelGrant;
  readonly own: string;
  readonly now: number;
  /** There is no list to go back to. */
  readonly isOnly: boolean;
}

/** More than this many at once makes an old phone stutter. */
const PAGE = 60;

export function TeamView({ model, team: { name: channel, mayPost }, own, now, isOnly }: TeamViewProps) {
  const [visible, setVisible] = useState(PAGE);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isOnly) heading.current?.focus({ preventScroll: true });
  }, []);
  const entries = model.entries(channel);
  const { unsent } = model.team(channel);
  const team = channelWords(channel);
  return (
    <section class="thread-page" aria-labelledby="team-title">
      {!isOnly && (
        <a class="back" href="#teams">
          <span aria-hidden="true">‹ </span>
          {w('team.back')}
        </a>
      )}
      <h1 id="team-title" ref={heading} tabIndex={-1}>
        {team}
      </h1>
      {!model.isConnected && (
        <p class="aside" role="status">
          {w('team.offline')}
        </p>
      )}
      {entries.length > visible && (
        <button type="button" class="button button-quiet" onClick={() => setVisible(visible + PAGE)}>
          {w('team.older')}
        </button>
      )}
      <Talk
        label={w('team.log', { team })}
        last={unsent.at(-1)?.id ?? entries.at(-1)?.id ?? ''}
        seen={() => model.seen(channel)}
        isBusy={model.isCatchingUp}
      >
        {entries.length + unsent.length === 0 && <p class="hint">{w('team.nothing')}</p>}
        {entries.slice(-visible).map((entry) => (
          <Line key={entry.id} entry={entry} own={own} now={now} />
        ))}
        {unsent.map((item) => (
          <UnsentCard
            key={item.id}
            who={w('team.you')}
            text={(item.letter.bulletin.texts.en ?? item.letter.bulletin.texts.cy)?.body ?? ''}
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
      {mayPost ? (
        <WritingBox
          label={w('team.label', { team })}
          hint={w('team.who')}
          sendWords={w('team.send')}
          leftWords={(left) => w('team.left', { left })}
          tooLongWords={(over) => w('team.too_long', { over })}
          failedWords={w('team.not_kept')}
          maxChars={MAX_TALK_CHARS}
          text={model.draft(channel)}
          write={(text) => model.write(channel, text)}
          send={async (text) => model.send(channel, language.value, text)}
          takesFocus={false}
        />
      ) : (
        <p class="aside">{w('team.reads_only')}</p>
      )}
    </section>
  );
}

function Line({ entry, own, now }: { entry: Entry; own: string; now: number }) {
  switch (entry.kind) {
    case 'bulletin': {
      const { lang, text } = saidIn(entry);
      if (isFromOrganisers(entry)) {
        return (
          <p class="aside">
            {w('team.bulletin')}{' '}
            <a href="#bulletins" lang={lang}>
              {text.split('\n')[0]}
            </a>
          </p>
        );
      }
      return (
        <SayingCard
          who={whoWords(entry.author, own)}
          isOwn={entry.author === own}
          text={text}
          lang={lang}
          time={momentWords(entry.postedAt, now)}
          dateTime={new Date(entry.postedAt).toISOString()}
        />
      );
    }
    case 'unreadable':
      return <p class="aside">{w('team.unreadable')}</p>;
    case 'gap':
      return <p class="aside aside-gap">{w('team.gap')}</p>;
    default:
      return assertNever(entry);
  }
}
