import type { ComponentChildren } from 'preact';
import { hasExpired, isBulletinId, isUrgent, textFor, type Bulletin, type BulletinText, type Language } from '../../model/bulletin.ts';
import type { Story } from '../../model/story.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { t } from '../../words/app_words.ts';
import { asOfWords } from '../../words/times.ts';
import { BulletinExtras } from './bulletin_extras.tsx';
import type { BulletinTools } from './bulletin_tools.ts';
import { channelWords } from './channel_words.ts';
import { LinkedText } from './linked_text.tsx';
import { MarkdownText } from './markdown_text.tsx';
import { Changes } from './changes.tsx';
import { Seen } from './seen.tsx';

export interface BulletinCardProps {
  readonly bulletin: Bulletin;
  readonly channel: string;
  readonly language: Language;
  readonly time: string;
  readonly dateTime?: string;
  /** What became of it, and the time by which it may be over. Without it it is as it stands. */
  readonly story?: { readonly story: Story; readonly now: number };
  readonly tools?: BulletinTools | undefined;
  /** Whether its text is Markdown; that of bulletins is, a member's own word is not. */
  readonly isMarkdown?: boolean;
  /** What else its reader can do about it. */
  readonly foot?: ComponentChildren;
}

export function BulletinCard(props: BulletinCardProps) {
  const { bulletin, channel, language, time, dateTime, story, tools, isMarkdown = isBulletinId(bulletin.id), foot } = props;
  const shown = textFor(bulletin, language);
  if (shown === null) return null;
  const { text } = shown;
  const withdrawal = story?.story.withdrawal ?? null;
  const isOver = story !== undefined && hasExpired(bulletin, story.now);
  const standing = withdrawal !== null ? 'withdrawn' : isOver ? 'expired' : isUrgent(bulletin) ? 'urgent' : bulletin.kind;
  // A heading without words would lead whoever goes from heading to heading nowhere.
  const Title = text.title.trim() === '' ? 'p' : 'h2';
  const content = (
    <>
      <Body text={text} isMarkdown={isMarkdown} />
      <BulletinExtras bulletin={bulletin} language={language} now={story?.now} tools={tools} />
    </>
  );
  return (
    <article class={`card card-${standing}`} id={`card-${bulletin.id}`} tabIndex={-1}>
      <p class="card-meta">
        {story !== undefined && withdrawal !== null && (
          <Badge look="withdrawn">{b('withdrawn', { time: asOfWords(withdrawal.postedAt, story.now) })}</Badge>
        )}
        <KindBadge bulletin={bulletin} />
        {story !== undefined && isCorrection(bulletin) && (
          <Badge look="corrected">{b('corrected', { time: asOfWords(story.story.current.postedAt, story.now) })}</Badge>
        )}
        <span class="card-channel">{channelWords(channel)}</span>
        <time {...(dateTime === undefined ? {} : { dateTime })}>{time}</time>
      </p>
      {story !== undefined && tools?.mark?.(story.story)}
      <div lang={shown.language}>
        <Title class="card-title">{text.title}</Title>
        {withdrawal === null && content}
      </div>
      {withdrawal !== null && <Withdrawal bulletin={withdrawal.bulletin} language={language}>{content}</Withdrawal>}
      {bulletin.kind === 'test' && <p class="card-hint">{b('test.explain')}</p>}
      {shown.language !== language && (
        <p class="card-hint">{t('bulletin.only_in', { language: t(`language.${shown.language}`) })}</p>
      )}
      {story !== undefined && isCorrection(bulletin) && <Changes story={story.story} language={language} isMarkdown={isMarkdown} />}
      {tools !== undefined && withdrawal === null && <Seen bulletin={bulletin} isOver={isOver} tools={tools} />}
      {foot}
    </article>
  );
}

function KindBadge({ bulletin }: { bulletin: Bulletin }) {
  if (isUrgent(bulletin)) return <Badge look="urgent">{t('kind.alert')}</Badge>;
  if (bulletin.kind === 'update') return null;
  return <Badge look={bulletin.kind}>{bulletin.kind === 'alert' ? b('alert') : t(`kind.${bulletin.kind}`)}</Badge>;
}

function Badge({ look, children }: { look: string; children: string }) {
  return <span class={`badge badge-${look}`}>{children}</span>;
}

function Body({ text, isMarkdown }: { text: BulletinText; isMarkdown: boolean }) {
  return isMarkdown ? (
    <div class="card-body card-blocks">
      <MarkdownText text={text.body} />
    </div>
  ) : (
    <p class="card-body">
      <LinkedText text={text.body} />
    </p>
  );
}

/** The words of the withdrawal stand where the bulletin's stood; those are there for who asks. */
function Withdrawal({ bulletin, language, children }: { bulletin: Bulletin; language: Language; children: ComponentChildren }) {
  const words = textFor(bulletin, language);
  return (
    <>
      {words !== null && (
        <p class="card-body" lang={words.language}>
          {words.text.body}
        </p>
      )}
      <details class="card-more">
        <summary>{b('withdrawn.said')}</summary>
        {children}
      </details>
    </>
  );
}

function isCorrection({ references = [] }: Bulletin): boolean {
  return references.some(({ how }) => how === 'corrects');
}
