import type { Failure } from '../../../../account/api.ts';
import type { BulletinAction } from '../../../../account/bulletins.ts';
import { LANGUAGES } from '../../../../model/bulletin.ts';
import type { Member } from '../../../../model/session.ts';
import type { Bulletin } from '../../../../protocol/api.gen.ts';
import { WITHDRAWN } from '../../../../trust/publication.ts';
import { b } from '../../../../words/console/bulletins_words.ts';
import { k } from '../../../../words/console/trust_words.ts';
import { formatNumber, language } from '../../../../words/translator.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import { SigningWords, signingWords } from '../../trust/signing_words.tsx';
import type { Signs } from '../../trust/signs.ts';
import { deedsOf, type Deed } from '../may.ts';
import type { BulletinModel, Doing } from './bulletin_model.ts';

export interface DeedsProps {
  readonly model: BulletinModel;
  readonly bulletin: Bulletin;
  readonly member: Member;
  readonly signs: Signs;
  /** Something was done: what else shows bulletins may look again. */
  readonly changed: () => void;
}

/** What this person may do now. What is hard to take back stands apart, and asks first. */
export function Deeds({ model, bulletin, member, signs, changed }: DeedsProps) {
  const deeds = deedsOf(bulletin, member);
  const isWorking = model.doing.value.kind === 'working';
  const act = (action: BulletinAction): void => void model.act(action).then(changed);
  const correct = async (): Promise<void> => {
    const id = await model.correct();
    if (id !== null) location.hash = `#compose/edit/${id}`;
  };
  const isOwn = bulletin.state === 'awaiting_approval' && member.roles.includes('approver') && bulletin.authors.includes(member.id);
  const has = (deed: Deed): boolean => deeds.includes(deed);
  return (
    <section class="panel deeds" aria-labelledby="deeds-title">
      <h2 id="deeds-title">{b('deeds')}</h2>
      {deeds.length === 0 && <p class="hint">{b('deeds.none')}</p>}
      {isOwn && <p class="hint">{b('deeds.own')}</p>}
      {has('approve') && <p>{willWords(bulletin)}</p>}
      {(has('approve') || has('submit')) && <SigningWords signs={signs} />}
      <div class="actions">
        {has('approve') && (
          <button type="button" class={bulletin.content.kind === 'test' ? 'button button-test' : 'button'} aria-disabled={isWorking} onClick={() => act({ kind: 'approve' })}>
            {b(bulletin.content.kind === 'test' ? 'approve.test' : 'approve')}
          </button>
        )}
        {has('submit') && (
          <button type="button" class="button" aria-disabled={isWorking} onClick={() => act({ kind: 'submit' })}>
            {b(bulletin.needs === 'two_people' ? 'submit.two' : 'submit.one')}
          </button>
        )}
        {has('correct') && (
          <button type="button" class="button" aria-disabled={isWorking} onClick={() => void correct()}>
            {b('correct')}
          </button>
        )}
        {has('edit') && (
          <a class="button button-quiet" href={`#compose/edit/${bulletin.id}`}>
            {b('edit')}
          </a>
        )}
        {has('reject') && (
          <AsksFirst
            isApart
            label={b('reject')}
            question={b('reject.sure')}
            yes={b('reject.yes')}
            no={b('reject.no')}
            reason={{ label: b('reject.reason'), missing: b('reason.missing') }}
            isDisabled={isWorking}
            act={(reason) => act({ kind: 'reject', reason })}
          />
        )}
      </div>
      {(has('cancel') || has('withdraw') || has('override')) && (
        <div class="deeds-apart">
          {has('cancel') && (
            <AsksFirst
              isApart
              label={b('cancel')}
              question={b('cancel.sure')}
              yes={b('cancel.yes')}
              no={b('cancel.no')}
              isDisabled={isWorking}
              act={() => act({ kind: 'cancel' })}
            />
          )}
          {has('withdraw') && (
            <AsksFirst
              isApart
              label={b('withdraw')}
              question={b('withdraw.sure')}
              yes={b('withdraw.yes')}
              no={b('withdraw.no')}
              isDisabled={isWorking}
              act={() => act({ kind: 'withdraw' })}
            >
              <WithdrawnWords bulletin={bulletin} />
              {signs !== 'not-needed' && <p class="hint">{k(signs === 'can' ? 'will.sign' : 'will.warn')}</p>}
            </AsksFirst>
          )}
          {has('override') && (
            <AsksFirst
              isApart
              label={b('override')}
              question={b('override.sure')}
              yes={b('override.yes')}
              no={b('override.no')}
              reason={{ label: b('override.reason'), missing: b('reason.missing') }}
              twice={b('override.twice')}
              isDisabled={isWorking}
              act={(reason) => act({ kind: 'override', reason })}
            />
          )}
        </div>
      )}
      <DoingWords doing={model.doing.value} />
    </section>
  );
}

/** What every screen will say instead: words of the service, so that one person is enough. */
function WithdrawnWords({ bulletin: { content } }: { bulletin: Bulletin }) {
  return (
    <div class="prepared">
      <p class="hint">{b('withdraw.says')}</p>
      {LANGUAGES.filter((each) => content.texts[each] !== undefined).map((each) => (
        <p key={each} lang={each}>
          <strong>
            {WITHDRAWN[each].word}: {content.texts[each]?.title}
          </strong>{' '}
          {WITHDRAWN[each].body}
        </p>
      ))}
    </div>
  );
}

function DoingWords({ doing }: { doing: Doing }) {
  switch (doing.kind) {
    case 'idle':
      return null;
    case 'working':
      return (
        <p class="hint" role="status">
          {b('doing')}
        </p>
      );
    case 'done':
      return (
        <p class="done" role="status">
          {b(`done.${doing.deed}`)}
        </p>
      );
    case 'overtaken':
      return (
        <p class="problem" role="alert">
          {b('overtaken')}
        </p>
      );
    case 'failed':
      return (
        <p class="problem" role="alert">
          {failedWords(doing.why)}
        </p>
      );
  }
}

function failedWords(why: Extract<Doing, { kind: 'failed' }>['why']): string {
  const signing = signingWords(why);
  if (signing !== null) return signing;
  switch (why) {
    case 'own_bulletin':
      return b('failed.own');
    case 'bulletin_expired':
      return b('failed.expired');
    case 'language_missing':
      return b('failed.language');
    default:
      return failureWords(why as Failure);
  }
}

function willWords({ count, send_at: sendAt }: Bulletin): string {
  const when = b(sendAt === undefined ? 'approve.now' : 'approve.later');
  if (count === undefined) return when;
  return `${b.counted('approve.for', count.audience, { of: formatNumber(count.members, language.value) })} ${when}`;
}
