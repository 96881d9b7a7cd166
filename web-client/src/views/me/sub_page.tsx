import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ActionState } from './action.ts';
import { m } from '../../words/app/me_words.ts';
import { failureWords } from '../shared/failure_words.ts';

/** One matter of a member, and the way back. */
export function SubPage({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <section class="me" aria-labelledby="sub-title">
      <a class="back" href="#me">
        <span aria-hidden="true">‹ </span>
        {m('me.back')}
      </a>
      <h1 id="sub-title" ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </section>
  );
}

export function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="me-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

/** Why something was not done. */
export function ActionProblem({ state }: { state: ActionState }) {
  if (state.kind !== 'failed') return null;
  return (
    <p class="problem" role="alert">
      {state.why === 'last_admin' ? m('data.last_admin') : state.why === 'member_unknown' ? m('data.member_unknown') : failureWords(state.why)}
    </p>
  );
}
