import { Fragment } from 'preact';
import { linkify } from '../../model/linkify.ts';

/** Text is text: nothing in it becomes markup, and only web addresses become links. */
export function LinkedText({ text }: { text: string }) {
  return (
    <>
      {linkify(text).map((part, index) =>
        part.kind === 'text' ? (
          part.text
        ) : (
          <a key={index} href={part.url} target="_blank" rel="noopener noreferrer nofollow">
            {breakable(part.text)}
          </a>
        ),
      )}
    </>
  );
}

/** A long address breaks where its parts meet, before it breaks anywhere. */
function breakable(address: string) {
  const parts = address.match(/(?:^\w+:\/\/)?[^/?&=]+[/?&=]*|[/?&=]+/g) ?? [];
  return parts.map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}
