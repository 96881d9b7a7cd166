import { isBulletinId } from '../../model/bulletin.ts';
import { t } from '../../words/app_words.ts';

/** What the service tells a member of an answer: of which conversation, and which text of it. */
const ANSWER_ID = /~(general|complaint|b[0-9a-f]{31})~\d+$/;

/** From a bulletin to a private word about it; from the news of an answer to the answer. */
export function replyFoot(bulletinId: string) {
  const answered = ANSWER_ID.exec(bulletinId)?.[1];
  if (answered !== undefined) return <Foot href={`#inbox/${answered}`} words={t('bulletin.read_answer')} />;
  return isBulletinId(bulletinId) ? <Foot href={`#inbox/new/${bulletinId}`} words={t('bulletin.reply')} /> : null;
}

function Foot({ href, words }: { href: string; words: string }) {
  return (
    <p class="card-foot">
      <a class="button button-quiet" href={href}>
        {words}
      </a>
    </p>
  );
}
