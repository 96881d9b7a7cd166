import { textFor, type Bulletin, type Language } from '../../model/bulletin.ts';
import { t } from '../../words/app_words.ts';
import { channelWords } from './channel_words.ts';
import { LinkedText } from './linked_text.tsx';

export interface BulletinCardProps {
  readonly bulletin: Bulletin;
  readonly channel: string;
  readonly language: Language;
  readonly time: string;
  readonly dateTime?: string;
}

export function BulletinCard({ bulletin, channel, language, time, dateTime }: BulletinCardProps) {
  const shown = textFor(bulletin, language);
  if (shown === null) return null;
  const { text } = shown;
  // A heading without words would lead whoever goes from heading to heading nowhere.
  const Title = text.title.trim() === '' ? 'p' : 'h2';
  return (
    <article class={`card card-${bulletin.kind}`}>
      <p class="card-meta">
        {bulletin.kind !== 'update' && <span class={`badge badge-${bulletin.kind}`}>{t(`kind.${bulletin.kind}`)}</span>}
        <span class="card-channel">{channelWords(channel)}</span>
        <time {...(dateTime === undefined ? {} : { dateTime })}>{time}</time>
      </p>
      <div lang={shown.language}>
        <Title class="card-title">{text.title}</Title>
        <p class="card-body">
          <LinkedText text={text.body} />
        </p>
      </div>
      {shown.language !== language && (
        <p class="card-only">{t('bulletin.only_in', { language: t(`language.${shown.language}`) })}</p>
      )}
    </article>
  );
}
