import type { Found, Piece } from '../../model/search.ts';
import { s } from '../../words/app/search_words.ts';
import { momentWords } from '../../words/times.ts';
import { channelWords } from '../shared/channel_words.ts';
import { SaveButton, type SavedBulletins } from './bulletin_foot.tsx';

/** One that was looked for: it leads to where it stands on the board. */
export function FoundBulletin({ found, now, saved }: { found: Found; now: number; saved: SavedBulletins }) {
  const { story, language, title, excerpt } = found;
  return (
    <li class="search-found">
      <p class="card-meta">
        {story.withdrawal !== null && <span class="badge badge-withdrawn">{s('search.withdrawn')}</span>}
        <span class="card-channel">{channelWords(story.first.channel)}</span>
        <time dateTime={new Date(story.first.postedAt).toISOString()}>{momentWords(story.first.postedAt, now)}</time>
      </p>
      <a class="search-link" href={`#bulletins/${story.id}`} lang={language}>
        <Pieces pieces={title} />
      </a>
      <p lang={language}>
        <Pieces pieces={excerpt} />
      </p>
      <p class="actions">
        <SaveButton id={story.id} saved={saved} />
      </p>
    </li>
  );
}

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return <>{pieces.map(({ text, isHit }, at) => (isHit ? <mark key={at}>{text}</mark> : text))}</>;
}
