import { isBulletinId } from '../../model/bulletin.ts';
import { t } from '../../words/app_words.ts';

/** What the service tells a member of an answer: of which conversation, and which text of it. */
const ANSWER_ID = /~(general|complaint|b[0-9a-f]{31})~\d+$/;

/** What a reader saves to find it again. */
export interface SavedBulletins {
  /** Follows while rendering. */
  readonly has: (bulletinId: string) => boolean;
  readonly toggle: (bulletinId: string) => void;
}

/** From a bulletin to a private word about it; from the news of an answer to the answer. */
export function bulletinFoot(bulletinId: string, saved: SavedBulletins) {
  const answered = ANSWER_ID.exec(bulletinId)?.[1];
  if (answered === undefined && !isBulletinId(bulletinId)) return null;
  return (
    <p class="card-foot actions">
      <a class="button button-quiet" href={answered === undefined ? `#inbox/new/${bulletinId}` : `#inbox/${answered}`}>
        {t(answered === undefined ? 'bulletin.reply' : 'bulletin.read_answer')}
      </a>
      {answered === undefined && <SaveButton id={bulletinId} saved={saved} />}
    </p>
  );
}

export function SaveButton({ id, saved }: { id: string; saved: SavedBulletins }) {
  const isSaved = saved.has(id);
  return (
    <button type="button" class="button button-quiet" onClick={() => saved.toggle(id)}>
      <span aria-hidden="true">{isSaved ? '★' : '☆'}&nbsp;</span>
      {t(isSaved ? 'bulletin.unsave' : 'bulletin.save')}
    </button>
  );
}
