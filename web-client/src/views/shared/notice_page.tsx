import type { ComponentChildren } from 'preact';
import { Mark } from './mark.tsx';

/** A page with one thing to say. */
export function NoticePage({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="notice" aria-labelledby="notice-title">
      <Mark />
      <h1 id="notice-title">{title}</h1>
      {children}
    </section>
  );
}
