import { diffWordsWithSpace } from 'diff';
import { textFor, type Language } from '../../model/bulletin.ts';
import type { BulletinEntry } from '../../model/entry.ts';
import { markdown, plainText } from '../../model/markdown.ts';
import { b } from '../../words/app/bulletin_words.ts';

/** More versions than this are left out, the oldest first. */
const MAX_VERSIONS = 5;

/** From each version to the next, word by word. */
export function WordChanges({ versions, language, isMarkdown }: { versions: readonly BulletinEntry[]; language: Language; isMarkdown: boolean }) {
  const texts = versions.slice(-MAX_VERSIONS).map((version) => wordsOf(version, language, isMarkdown));
  return (
    <>
      {texts.slice(1).map((text, at) => (
        <div key={at} class="changes" lang={text.language}>
          <Words before={texts[at]?.title ?? ''} after={text.title} />
          <Words before={texts[at]?.body ?? ''} after={text.body} />
        </div>
      ))}
      <p class="card-hint">{b('changed.legend')}</p>
    </>
  );
}

function wordsOf({ bulletin }: BulletinEntry, language: Language, isMarkdown: boolean) {
  const shown = textFor(bulletin, language);
  const body = shown?.text.body ?? '';
  return { language: shown?.language ?? language, title: shown?.text.title ?? '', body: isMarkdown ? plainText(markdown(body)) : body };
}

function Words({ before, after }: { before: string; after: string }) {
  return (
    <p>
      {diffWordsWithSpace(before, after).map(({ added, removed, value }, at) => {
        const Part = added ? 'ins' : removed ? 'del' : 'span';
        return <Part key={at}>{value}</Part>;
      })}
    </p>
  );
}
