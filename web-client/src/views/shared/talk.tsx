import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { LinkedText } from './linked_text.tsx';

export interface Saying {
  readonly key: string;
  readonly who: string;
  readonly isOwn: boolean;
  readonly text: string;
  /** Of the text, where it is known. */
  readonly lang?: string;
  readonly time: string;
  readonly dateTime?: string;
  /** What became of it, and what can be done. */
  readonly foot?: ComponentChildren;
}

/** One text of a talk. Whose it is, words say as well as the side. */
export function SayingCard({ who, isOwn, text, lang, time, dateTime, foot }: Omit<Saying, 'key'>) {
  return (
    <article class={isOwn ? 'saying saying-own' : 'saying'}>
      <p class="saying-meta">
        <span class="saying-who">{who}</span> <time {...(dateTime === undefined ? {} : { dateTime })}>{time}</time>
      </p>
      <p class="saying-text" {...(lang === undefined ? {} : { lang })}>
        <LinkedText text={text} />
      </p>
      {foot}
    </article>
  );
}

/** Who is at the newest stays there when another one comes; who reads further up is not moved. */
const AT_THE_END_PX = 120;

export interface TalkProps {
  readonly label: string;
  /** Which text is the last one. */
  readonly last: string;
  /** The last one is on the screen, and somebody looks. */
  readonly seen: () => void;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}

/** The oldest first, as in a talk. */
export function Talk({ label, last, seen, isBusy = false, children }: TalkProps) {
  const wasAtEnd = useRef(true);
  useLayoutEffect(() => {
    const note = (): void => {
      const { scrollHeight } = document.documentElement;
      wasAtEnd.current = scrollHeight - innerHeight - scrollY < AT_THE_END_PX;
    };
    addEventListener('scroll', note, { passive: true });
    return () => removeEventListener('scroll', note);
  }, []);
  useLayoutEffect(() => {
    if (wasAtEnd.current) scrollTo(0, document.documentElement.scrollHeight);
  }, [last]);
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState === 'visible') seen();
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [last]);
  return (
    <div class="talk" role="log" aria-label={label} aria-busy={isBusy}>
      {children}
    </div>
  );
}
