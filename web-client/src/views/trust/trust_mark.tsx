import '../../styles/app/trust.css';
import type { BulletinEntry } from '../../model/entry.ts';
import type { Story } from '../../model/story.ts';
import type { TrustState } from '../../trust/keeper.ts';
import type { Holder } from '../../trust/manifest.ts';
import { isLoud, type Verdict } from '../../trust/verdict.ts';
import { s } from '../../words/app/trust_words.ts';
import { t } from '../../words/app_words.ts';
import { momentWords } from '../../words/times.ts';

export interface TrustMarkProps {
  readonly state: TrustState;
  readonly story: Story;
  readonly now: number;
  /** Above the board, where what is urgent says only what is wrong. */
  readonly isPinned?: boolean;
}

/** Who said a bulletin; loud when nobody can be said to have. What is wrong with any part of its story is said first. */
export function TrustMark({ state, story: { current, withdrawal }, now, isPinned = false }: TrustMarkProps) {
  const ofWithdrawal = withdrawal === null ? undefined : state.verdicts.get(withdrawal.id);
  if (ofWithdrawal !== undefined && isLoud(ofWithdrawal)) return <Bad verdict={ofWithdrawal} isWithdrawal isPinned={isPinned} />;
  const verdict = state.verdicts.get(current.id);
  if (verdict !== undefined && isLoud(verdict)) return <Bad verdict={verdict} isPinned={isPinned} />;
  if (isPinned) return null;
  return (
    <>
      {/* Who took it back need not be who said it. */}
      {ofWithdrawal?.kind === 'signed' && ofWithdrawal.isConfirmed && <Who verdict={ofWithdrawal} now={now} isWithdrawal />}
      <Calm state={state} current={current} verdict={verdict} now={now} />
    </>
  );
}

/** Of what nothing is wrong with. */
function Calm({ state, current, verdict, now }: Pick<TrustMarkProps, 'now' | 'state'> & { current: BulletinEntry; verdict: Verdict | undefined }) {
  if (verdict === undefined) {
    const isExpected = current.bulletin.signed !== undefined || state.anchor !== null;
    return isExpected ? <p class="trust">{t('trust.checking')}</p> : null;
  }
  switch (verdict.kind) {
    case 'signed':
      return verdict.isConfirmed ? <Who verdict={verdict} now={now} /> : <Unconfirmed name={verdict.by.name} />;
    case 'unchecked':
      return <p class="trust">{s('unchecked')}</p>;
    case 'unsigned':
      return state.anchor === null ? null : <p class="trust">{s('before')}</p>;
    case 'bad':
      return null;
  }
}

function Unconfirmed({ name }: { name: string }) {
  return (
    <p class="trust">
      {s('signed.unconfirmed', { name })} <a href="#me/trust">{s('signed.unconfirmed.do')}</a>
    </p>
  );
}

function Who({ verdict, now, isWithdrawal = false }: { verdict: Extract<Verdict, { kind: 'signed' }>; now: number; isWithdrawal?: boolean }) {
  const { by, approvedBy, override, at, channels } = verdict;
  return (
    <details class={override ? 'trust trust-caution' : 'trust trust-signed'}>
      <summary>
        <span class="trust-sign" aria-hidden="true">
          {override ? '!' : '✓'}
        </span>
        {s(isWithdrawal ? 'signed.withdrawal' : override ? 'signed.override' : 'signed', { name: by.name })}
      </summary>
      <dl class="facts">
        <Fact title={s('who')}>{holderWords(by)}</Fact>
        <Fact title={s('approved')}>
          {approvedBy === null ? s(override ? 'approved.override' : 'approved.nobody') : holderWords(approvedBy)}
        </Fact>
        <Fact title={s('when')}>{momentWords(at, now)}</Fact>
      </dl>
      {channels.length === 0 && <p class="card-hint">{s('single')}</p>}
    </details>
  );
}

function Fact({ title, children }: { title: string; children: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `Ana Lewis – sender, approver – north`. */
export function holderWords({ name, roles, regions }: Holder): string {
  const may = roles.map((role) => s(`role.${role}`)).join(', ');
  return `${name} – ${may} – ${regions === undefined ? s('everywhere') : regions.join(', ')}`;
}

function Bad({ verdict, isPinned, isWithdrawal = false }: { verdict: Verdict; isPinned: boolean; isWithdrawal?: boolean }) {
  const why = verdict.kind === 'bad' ? s(`bad.${verdict.why}`) : s('bad.unsigned');
  return (
    <div class="trust-bad" {...(isPinned ? {} : { role: 'alert' })}>
      <p class="trust-bad-title">
        <span aria-hidden="true">⚠ </span>
        {s('bad.title')}
      </p>
      <p>{why}</p>
      {isWithdrawal && <p>{s('bad.withdrawal')}</p>}
      <p>{s('bad.do')}</p>
    </div>
  );
}
