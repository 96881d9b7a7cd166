import '../../styles/app/search.css';
import '../../styles/app/sub_page.css';
import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { textFor } from '../../model/bulletin.ts';
import { beginningOf, QUERY_MAX_CHARS, search, type Found, type Piece } from '../../model/search.ts';
import { board, type Story } from '../../model/story.ts';
import { isTalk } from '../../model/team_talk.ts';
import { s } from '../../words/app/search_words.ts';
import { language } from '../../words/translator.ts';
import type { AppPageProps } from '../app/app_parts.ts';
import type { SavedBulletins } from './bulletin_foot.tsx';
import { FoundBulletin } from './found_bulletin.tsx';

export interface SearchPageProps extends AppPageProps {
  readonly saved: SavedBulletins & { readonly ids: ReadonlySignal<readonly string[]> };
}

/** More one does not look through; another word finds fewer. */
const MAX_FOUND = 50;

/** Whoever comes back from what they found goes on with the same words. */
let last = { of: '', query: '' };

/** Looks through what is kept on this device. It asks nobody. */
export function SearchPage({ parts, member, saved }: SearchPageProps) {
  const [query, setQuery] = useState(last.of === member.id ? last.query : '');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  const { entries } = parts.feed.value;
  const stories = useMemo(() => board(entries.filter((entry) => !isTalk(entry))).filter((item): item is Story => item.kind === 'bulletin'), [entries]);
  const found = useMemo(() => search(stories, query, language.value), [stories, query, language.value]);
  const isAsked = query.trim() !== '';
  const look = (text: string): void => {
    last = { of: member.id, query: text };
    setQuery(text);
  };
  return (
    <section class="search-page" aria-labelledby="search-title">
      <a class="back" href="#bulletins">
        <span aria-hidden="true">‹ </span>
        {s('search.back')}
      </a>
      <h1 id="search-title" ref={heading} tabIndex={-1}>
        {s('search.title')}
      </h1>
      <label class="field">
        <span class="field-label">{s('search.label')}</span>
        <input
          type="search"
          autocomplete="off"
          enterkeyhint="search"
          maxLength={QUERY_MAX_CHARS}
          aria-describedby="search-hint"
          value={query}
          onInput={(event) => look(event.currentTarget.value)}
        />
      </label>
      <p class="hint" id="search-hint">
        {s('search.hint')}
      </p>
      <p class="search-count" role="status">
        {isAsked && (found.length === 0 ? s('search.nothing') : s.counted('search.found', found.length))}
      </p>
      {isAsked ? (
        <>
          <List found={found.slice(0, MAX_FOUND)} now={parts.now.value} saved={saved} />
          {found.length > MAX_FOUND && <p class="hint">{s('search.more', { count: MAX_FOUND })}</p>}
        </>
      ) : (
        <SavedOnes stories={stories} now={parts.now.value} saved={saved} />
      )}
    </section>
  );
}

function SavedOnes({ stories, now, saved }: { stories: readonly Story[]; now: number; saved: SearchPageProps['saved'] }) {
  const ids = saved.ids.value;
  const byId = new Map(stories.map((story) => [story.id, story]));
  const here = ids.flatMap((id) => byId.get(id) ?? []);
  return (
    <section class="search-saved" aria-labelledby="saved-title">
      <h2 id="saved-title">{s('search.saved')}</h2>
      {ids.length === 0 && <p class="hint">{s('search.saved.none')}</p>}
      <List found={here.flatMap(asSaved)} now={now} saved={saved} />
      {ids.length > here.length && <p class="hint">{s.counted('search.not_here', ids.length - here.length)}</p>}
    </section>
  );
}

function List({ found, now, saved }: { found: readonly Found[]; now: number; saved: SavedBulletins }) {
  return (
    <ul class="search-list">
      {found.map((each) => (
        <FoundBulletin key={each.story.id} found={each} now={now} saved={saved} />
      ))}
    </ul>
  );
}

function whole(text: string): readonly Piece[] {
  return [{ text, isHit: false }];
}

function asSaved(story: Story): readonly Found[] {
  const shown = textFor(story.current.bulletin, language.value);
  if (shown === null) return [];
  return [{ story, language: shown.language, title: whole(shown.text.title), excerpt: whole(beginningOf(shown.text.body)) }];
}
