import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChild, ComponentChildren } from 'preact';
import '../../styles/app/join.css';
import type { JoinRefusal, JoinState } from '../../account/join.ts';
import { assertNever } from '../../model/assert_never.ts';
import { LANGUAGES, type Language } from '../../model/bulletin.ts';
import type { SignOnRefusal } from '../../protocol/parse_sign_on.ts';
import { j } from '../../words/app/join_words.ts';
import { t } from '../../words/app_words.ts';
import { NoticePage } from '../shared/notice_page.tsx';
import { WaitingPage } from '../shared/waiting_page.tsx';
import { CodeForm } from './code_form.tsx';
import { SignOn, type SignOnProps } from './sign_on.tsx';

export interface JoinViewProps {
  readonly state: ReadonlySignal<JoinState>;
  readonly isMember: boolean;
  /** Whether it is a member's own code, made on another device, and no invite. */
  readonly isMove: boolean;
  /** Why the campaign's own sign-on let nobody in, if somebody comes back from there. */
  readonly signOnRefusal: SignOnRefusal | null;
  readonly signOn: SignOnProps;
  /** The way in by a passkey, for a browser that knows nobody. */
  readonly passkey: ComponentChild;
  readonly redeem: () => void;
  /** Takes a code that somebody typed. */
  readonly enterCode: (code: string) => void;
  readonly chooseLanguage: (chosen: Language) => void;
}

export function JoinView(props: JoinViewProps) {
  const { state, isMember, isMove, signOn, signOnRefusal, passkey, redeem, enterCode } = props;
  const join = state.value;
  switch (join.kind) {
    case 'no-invite':
      return (
        <>
          <Outcome
            title={signOnRefusal === null ? j('join.none.title') : j(`sign_on.${signOnRefusal}.title`)}
            body={signOnRefusal === null ? j('join.none.body') : j(`sign_on.${signOnRefusal}.body`)}
          >
            {isMember && <OpenBulletins />}
            <SignOn {...signOn} />
          </Outcome>
          {!isMember && passkey}
          <CodeForm enter={enterCode} />
        </>
      );
    case 'ready':
    case 'joining':
    case 'joined':
      return <Invitation {...props} isJoining={join.kind !== 'ready'} />;
    case 'waiting':
      return <WaitingPage waiting={join.waiting} more={j('join.waiting.safe')} />;
    case 'awaiting':
      return (
        <Outcome title={j('join.awaiting.title')} body={j('join.awaiting.body')}>
          <button type="button" class="button" onClick={redeem}>
            {j('join.awaiting.look')}
          </button>
        </Outcome>
      );
    case 'interrupted': {
      const isOfflineCode = isMove && join.why === 'offline';
      return (
        <Outcome title={j(`join.${join.why}.title`)} body={isOfflineCode ? j('join.offline.code') : j(`join.${join.why}.body`)}>
          <button type="button" class="button" onClick={redeem}>
            {j('join.again')}
          </button>
        </Outcome>
      );
    }
    case 'refused': {
      const key = REFUSAL_WORDS[join.why];
      return (
        <>
          <Outcome title={j(`join.${key}.title`)} body={j(`join.${key}.body`)}>
            {isMember && <OpenBulletins />}
          </Outcome>
          {join.why === 'code-unknown' && <CodeForm enter={enterCode} />}
        </>
      );
    }
    default:
      return assertNever(join);
  }
}

const REFUSAL_WORDS = {
  'code-unknown': 'code_unknown',
  expired: 'expired',
  'foreign-origin': 'foreign_origin',
  revoked: 'revoked',
  unknown: 'unknown',
  'used-up': 'used_up',
} as const satisfies { [W in JoinRefusal]: string };

/** In both languages at once, because nobody has chosen one yet. The choice is all that there is to fill in. */
function Invitation({ isMember, isMove, isJoining, redeem, chooseLanguage }: JoinViewProps & { isJoining: boolean }) {
  const join = (chosen: Language): void => {
    if (isJoining) return;
    chooseLanguage(chosen);
    redeem();
  };
  return (
    <section class="notice join" aria-labelledby="notice-title">
      <h1 id="notice-title">
        {LANGUAGES.map((each) => (
          <span key={each} lang={each}>
            {isMove ? j.in(each, 'join.move.title') : t.in(each, 'join.title')}
          </span>
        ))}
      </h1>
      {isMember && !isJoining && (
        <p class="aside">
          {j('join.already')} <a href="/">{j('join.already.open')}</a>
          {isMove && <> {j('join.move.replaces')}</>}
        </p>
      )}
      <div class="join-languages">
        {LANGUAGES.map((each) => (
          <div class="join-language" key={each} lang={each}>
            <p>{j.in(each, isMove ? 'join.move.what' : 'join.what')}</p>
            <button type="button" class="button button-wide" aria-disabled={isJoining} onClick={() => join(each)}>
              {j.in(each, isMove ? 'join.move.button' : 'join.button')}
            </button>
          </div>
        ))}
      </div>
      <p role="status">{isJoining ? j('join.joining') : ''}</p>
      <section aria-labelledby="join-kept" class="join-kept">
        <h2 id="join-kept">{j('join.kept')}</h2>
        <ul class="points">
          <li>{j('join.what.name')}</li>
          <li>{j('join.what.campaign')}</li>
          <li>{j('join.what.keep')}</li>
          <li>{j('join.what.private')}</li>
          <li>{j('join.what.leave')}</li>
        </ul>
      </section>
    </section>
  );
}

function Outcome({ title, body, children }: { title: string; body: string; children: ComponentChildren }) {
  return (
    <div role="alert">
      <NoticePage title={title}>
        <p class="lead">{body}</p>
        {children}
      </NoticePage>
    </div>
  );
}

function OpenBulletins() {
  return (
    <a class="button" href="/">
      {j('join.already.open')}
    </a>
  );
}
