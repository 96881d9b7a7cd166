import { useState } from 'preact/hooks';
import type { Language } from '../../model/bulletin.ts';
import type { Story } from '../../model/story.ts';
import { b } from '../../words/app/bulletin_words.ts';
import { lazyPart } from './lazy_part.tsx';

const WordChanges = lazyPart(
  async () => (await import('./word_changes.tsx')).WordChanges,
  () => b('changed.loading'),
  () => b('changed.failed'),
);

/** What a correction changed, for who asks. */
export function Changes({ story, language, isMarkdown }: { story: Story; language: Language; isMarkdown: boolean }) {
  const [isOpen, setOpen] = useState(false);
  if (story.earlier.length === 0) return <p class="card-hint">{b('changed.first_missing')}</p>;
  const versions = [...story.earlier, story.current];
  return (
    <details class="card-more" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{b('changed')}</summary>
      {isOpen && <WordChanges versions={versions} language={language} isMarkdown={isMarkdown} />}
    </details>
  );
}
