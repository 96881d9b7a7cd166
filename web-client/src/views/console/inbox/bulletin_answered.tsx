import { useEffect, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../../account/api.ts';
import type { Inbox } from '../../../account/inbox.ts';
import { LANGUAGES } from '../../../model/bulletin.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import { isRecord } from '../../../protocol/shape.ts';
import { x } from '../../../words/console/inbox_words.ts';
import { language } from '../../../words/translator.ts';
import { hashOf } from '../route.ts';

/** To which bulletin the member replies. */
export function BulletinAnswered({ id, inbox }: { id: string; inbox: Inbox }) {
  const [answer, setAnswer] = useState<ApiAnswer<Bulletin> | null>(null);
  useEffect(() => void inbox.bulletin(id).then(setAnswer), [id]);
  return (
    <aside class="bulletin-answered">
      <p>
        <small>{x('bulletin')}</small>
        <br />
        {answer === null && x('bulletin.loading')}
        {answer?.kind === 'failed' && x('bulletin.gone')}
        {answer?.kind === 'ok' && <strong>{titleOf(answer.value)}</strong>}
      </p>
      <a class="cell-link" href={hashOf('bulletins', id)}>
        {x('bulletin.open')}
      </a>
    </aside>
  );
}

/** In the reader's language, or else in another that it has. */
function titleOf(bulletin: Bulletin): string {
  const texts: Readonly<Record<string, unknown>> = bulletin.content.texts;
  for (const each of [language.value, ...LANGUAGES]) {
    const text = texts[each];
    if (isRecord(text) && typeof text['title'] === 'string') return text['title'];
  }
  return '';
}
