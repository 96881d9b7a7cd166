import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { JoinRefusal, JoinState } from '../../account/join.ts';
import { assertNever } from '../../model/assert_never.ts';
import { t } from '../../words/app_words.ts';
import { NoticePage } from '../shared/notice_page.tsx';
import { WaitingPage } from '../shared/waiting_page.tsx';

export interface JoinViewProps {
  readonly state: ReadonlySignal<JoinState>;
  readonly isMember: boolean;
  readonly redeem: () => void;
}

export function JoinView({ state, isMember, redeem }: JoinViewProps) {
  const join = state.value;
  switch (join.kind) {
    case 'no-invite':
      return (
        <Outcome title={t('join.none.title')} body={t('join.none.body')}>
          {isMember && <OpenBulletins />}
        </Outcome>
      );
    case 'ready':
    case 'joining':
    case 'joined':
      return <Invitation isMember={isMember} isJoining={join.kind !== 'ready'} redeem={redeem} />;
    case 'waiting':
      return <WaitingPage waiting={join.waiting} more={t('join.waiting.safe')} />;
    case 'interrupted':
      return (
        <Outcome title={t(`join.${join.why}.title`)} body={t(`join.${join.why}.body`)}>
          <button type="button" class="button" onClick={redeem}>
            {t('join.again')}
          </button>
        </Outcome>
      );
    case 'refused': {
      const key = REFUSAL_WORDS[join.why];
      return (
        <Outcome title={t(`join.${key}.title`)} body={t(`join.${key}.body`)}>
          {isMember && <OpenBulletins />}
        </Outcome>
      );
    }
    default:
      return assertNever(join);
  }
}

const REFUSAL_WORDS = {
  expired: 'expired',
  'foreign-origin': 'foreign_origin',
  revoked: 'revoked',
  unknown: 'unknown',
  'used-up': 'used_up',
} as const satisfies { [W in JoinRefusal]: string };

function Invitation({ isMember, isJoining, redeem }: { isMember: boolean; isJoining: boolean; redeem: () => void }) {
  return (
    <NoticePage title={t('join.title')}>
      <p class="lead">{t('join.body')}</p>
      <ul class="points">
        <li>{t('join.what.name')}</li>
        <li>{t('join.what.keep')}</li>
        <li>{t('join.what.private')}</li>
      </ul>
      {isMember && !isJoining && (
        <p class="aside">
          {t('join.already')} <a href="/">{t('join.already.open')}</a>
        </p>
      )}
      <button type="button" class="button button-wide" aria-disabled={isJoining} onClick={redeem}>
        {isJoining ? t('join.joining') : t('join.button')}
      </button>
    </NoticePage>
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
      {t('join.already.open')}
    </a>
  );
}
