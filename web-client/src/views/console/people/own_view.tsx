import { useEffect, useState } from 'preact/hooks';
import type { ApiAnswer } from '../../../account/api.ts';
import type { People } from '../../../account/people.ts';
import type { Member } from '../../../protocol/api.gen.ts';
import { p } from '../../../words/console/people_words.ts';
import { failureWords } from '../../shared/failure_words.ts';
import { hashOf } from '../route.ts';
import { MemberFacts } from './members/member_facts.tsx';

/** For organisers who are no admins: what they themselves may do. */
export function OwnView({ people, now }: { people: People; now: number }) {
  const [answer, setAnswer] = useState<ApiAnswer<Member> | null>(null);
  useEffect(() => void people.me().then(setAnswer), [people]);
  return (
    <div class="people">
      <h1>{p('needs.title')}</h1>
      <p class="lead">{p('needs.body')}</p>
      <section class="panel" aria-labelledby="own-title">
        <h2 id="own-title">{p('needs.own')}</h2>
        {answer?.kind === 'ok' && <MemberFacts member={answer.value} now={now} />}
        {answer?.kind === 'failed' && <p class="problem">{failureWords(answer.why)}</p>}
        <p class="actions">
          <a class="button button-quiet" href={hashOf('compose')}>
            {p('needs.compose')}
          </a>
          <a class="button button-quiet" href={hashOf('inbox')}>
            {p('needs.inbox')}
          </a>
        </p>
      </section>
    </div>
  );
}
