import { m } from '../../words/app/me_words.ts';
import { LinkedText } from '../shared/linked_text.tsx';
import { Asked } from './asked.tsx';
import type { MeModel } from './me_model.ts';
import { ActionProblem, Part, SubPage } from './sub_page.tsx';

const KEPT = ['member', 'devices', 'passkeys', 'notifications', 'texts', 'receipts', 'traffic', 'not'] as const;

/** One's rights, each with what it does and what it does not. */
export function DataView({ model }: { model: MeModel }) {
  const exporting = model.exporting.state.value;
  const going = model.going.state.value;
  return (
    <SubPage title={m('data.title')}>
      <Part id="data-kept" title={m('data.kept')}>
        <ul class="points">
          {KEPT.map((what) => (
            <li key={what}>{m(`data.kept.${what}`)}</li>
          ))}
        </ul>
      </Part>
      <Part id="data-export" title={m('data.export')}>
        <p>{m('data.export.what')}</p>
        <p class="actions">
          <button
            type="button"
            class="button button-quiet"
            aria-disabled={exporting.kind === 'working'}
            onClick={() => void model.exportData()}
          >
            {exporting.kind === 'working' ? m('data.export.working') : m('data.export.button')}
          </button>
        </p>
        <p role="status">{exporting.kind === 'done' ? m('data.export.done') : ''}</p>
        <ActionProblem state={exporting} />
      </Part>
      <Part id="data-stop" title={m('data.stop')}>
        <p>{m('data.stop.what')}</p>
        <p class="actions">
          <a class="button button-quiet" href="#me/quiet">
            {m('data.stop.quiet')}
          </a>
          <a class="button button-quiet" href="#inbox/new/complaint">
            {m('data.stop.object')}
          </a>
        </p>
      </Part>
      <Part id="data-complain" title={m('data.complain')}>
        <p>
          <LinkedText text={m('data.complain.what')} />
        </p>
        <p class="actions">
          <a class="button button-quiet" href="#inbox/new/complaint">
            {m('data.complain.button')}
          </a>
        </p>
      </Part>
      <Part id="data-leave" title={m('data.leave')}>
        <p>{m('data.leave.what')}</p>
        <Asked
          button={m('data.leave.button')}
          questions={[m('data.leave.sure')]}
          yes={m('data.leave.yes')}
          no={m('data.no')}
          isWorking={going.kind === 'working'}
          act={() => void model.leave()}
        />
      </Part>
      <Part id="data-erase" title={m('data.erase')}>
        <p>{m('data.erase.what')}</p>
        <p>{m('data.erase.stays')}</p>
        <Asked
          button={m('data.erase.button')}
          questions={[m('data.erase.sure'), m('data.erase.sure_again')]}
          next={m('data.erase.next')}
          yes={m('data.erase.yes')}
          no={m('data.no')}
          isWorking={going.kind === 'working'}
          act={() => void model.erase()}
        />
      </Part>
      <p role="status">{going.kind === 'working' ? m('data.working') : ''}</p>
      <ActionProblem state={going} />
    </SubPage>
  );
}
