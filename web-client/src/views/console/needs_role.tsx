import { c } from '../../words/console_words.ts';
import { NoticePage } from '../shared/notice_page.tsx';

export function NeedsRole({ why }: { why: 'compose' | 'console' }) {
  return (
    <NoticePage title={c('needs.title')}>
      <p class="lead">{c(`needs.${why}`)}</p>
      <a class="button" href="/">
        {c('needs.read')}
      </a>
    </NoticePage>
  );
}
