import type { ComponentChildren } from 'preact';
import { markdown, type Block, type Span } from '../../model/markdown.ts';
import { LinkedText } from './linked_text.tsx';

/** The small Markdown of bulletins as elements. No HTML is ever made of a string. */
export function MarkdownText({ text }: { text: string }) {
  return <>{blocks(markdown(text))}</>;
}

function blocks(of: readonly Block[]): ComponentChildren {
  return of.map((block, at) => {
    if (block.kind === 'paragraph') return <p key={at}>{spans(block.spans, false)}</p>;
    const items = block.items.map((item, number) => <li key={number}>{blocks(item)}</li>);
    return block.first === null ? (
      <ul key={at}>{items}</ul>
    ) : (
      <ol key={at} start={block.first}>
        {items}
      </ol>
    );
  });
}

function spans(of: readonly Span[], inLink: boolean): ComponentChildren {
  return of.map((span, at) => {
    switch (span.kind) {
      case 'text':
        return inLink ? span.text : <LinkedText key={at} text={span.text} />;
      case 'break':
        return <br key={at} />;
      case 'emphasis':
        return <em key={at}>{spans(span.spans, inLink)}</em>;
      case 'strong':
        return <strong key={at}>{spans(span.spans, inLink)}</strong>;
      case 'link':
        return (
          <a key={at} href={span.url} target="_blank" rel="noopener noreferrer nofollow">
            {spans(span.spans, true)}
          </a>
        );
    }
  });
}
