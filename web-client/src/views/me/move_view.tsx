import { linkWith } from '../../trust/anchor.ts';
import { m } from '../../words/app/me_words.ts';
import { clockWords } from '../../words/times.ts';
import { QrCode } from '../shared/qr_code.tsx';
import type { MeModel, MoveCode } from './me_model.ts';
import { ActionProblem, Part, SubPage } from './sub_page.tsx';

export interface MoveViewProps {
  readonly model: MeModel;
  readonly now: number;
  /** Of the campaign's key, if this device has it from a person. */
  readonly fingerprint: string | null;
}

export function MoveView({ model, now, fingerprint }: MoveViewProps) {
  const code = model.code.value;
  const state = model.moving.state.value;
  const isOver = code !== null && code.expiresAt <= now;
  return (
    <SubPage title={m('move.title')}>
      <p>{m('move.what')}</p>
      {code !== null && !isOver && <Code {...code} fingerprint={fingerprint} />}
      {isOver && (
        <p class="aside" role="status">
          {m('move.over')}
        </p>
      )}
      <p class="actions">
        <button
          type="button"
          class={code === null || isOver ? 'button' : 'button button-quiet'}
          aria-disabled={state.kind === 'working'}
          onClick={() => void model.makeCode()}
        >
          {state.kind === 'working' ? m('move.making') : code === null ? m('move.make') : m('move.make_another')}
        </button>
      </p>
      <ActionProblem state={state} />
    </SubPage>
  );
}

/** Whose campaign it is goes with the link, as it does with an invite's. */
function Code({ code, link, expiresAt, fingerprint }: MoveCode & { fingerprint: string | null }) {
  return (
    <>
      <div class="me-code" role="status">
        <p class="field-label">{m('move.code')}</p>
        <p class="me-code-text">{code}</p>
        <p>{m('move.until', { time: clockWords(expiresAt) })}</p>
      </div>
      <QrCode text={fingerprint === null ? link : linkWith(link, fingerprint)} label={m('move.qr')} />
      <p class="problem">{m('move.secret')}</p>
      <Part id="move-how" title={m('move.how')}>
        <ol class="points">
          <li>{m('move.how.scan')}</li>
          <li>{m('move.how.type', { address: new URL('/join', link).href })}</li>
          <li>{m('move.how.here')}</li>
        </ol>
      </Part>
    </>
  );
}
