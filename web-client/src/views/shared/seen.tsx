import { isBulletinId, isUrgent, type Bulletin } from '../../model/bulletin.ts';
import { b } from '../../words/app/bulletin_words.ts';
import type { BulletinTools } from './bulletin_tools.ts';

/** One tap says that the reader has seen what is urgent. What is over asks nobody any more. */
export function Seen({ bulletin, isOver, tools }: { bulletin: Bulletin; isOver: boolean; tools: BulletinTools }) {
  if (!isUrgent(bulletin) || !isBulletinId(bulletin.id)) return null;
  if (tools.isAcknowledged(bulletin.id)) return <p class="seen">✓ {b('seen.done')}</p>;
  return isOver ? null : (
    <button type="button" class="button seen-button" onClick={() => tools.acknowledge(bulletin.id)}>
      {b('seen.button')}
    </button>
  );
}
