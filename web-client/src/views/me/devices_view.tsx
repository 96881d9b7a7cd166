import { useEffect } from 'preact/hooks';
import type { Device } from '../../protocol/api.gen.ts';
import { m } from '../../words/app/me_words.ts';
import { momentWords } from '../../words/times.ts';
import { Asked } from './asked.tsx';
import type { MeModel } from './me_model.ts';
import { ActionProblem, SubPage } from './sub_page.tsx';

export function DevicesView({ model, now }: { model: MeModel; now: number }) {
  useEffect(() => void model.readDevices(), []);
  const devices = model.devices.value;
  const listing = model.listing.state.value;
  const signingOut = model.signingOut.state.value;
  return (
    <SubPage title={m('devices.title')}>
      <p>{m('devices.what')}</p>
      {devices === null && listing.kind !== 'failed' && <p role="status">{m('devices.reading')}</p>}
      <ActionProblem state={listing} />
      {listing.kind === 'failed' && (
        <p class="actions">
          <button type="button" class="button button-quiet" onClick={() => void model.readDevices()}>
            {m('devices.again')}
          </button>
        </p>
      )}
      {devices !== null && (
        <ul class="me-devices" aria-label={m('devices.list')}>
          {devices.map((device, index) => (
            <DeviceLine key={device.id} model={model} device={device} name={nameOf(device, index)} now={now} />
          ))}
        </ul>
      )}
      <p role="status">{signingOut.kind === 'done' ? m('devices.out.done') : ''}</p>
      <ActionProblem state={signingOut} />
      <Asked
        button={m('devices.all')}
        questions={[m('devices.all.sure')]}
        yes={m('devices.all.yes')}
        no={m('devices.out.no')}
        isWorking={signingOut.kind === 'working'}
        act={() => void model.signOutAll()}
      />
    </SubPage>
  );
}

function nameOf(device: Device, index: number): string {
  return device.this ? m('devices.this') : m('devices.other', { number: index + 1 });
}

function DeviceLine({ model, device, name, now }: { model: MeModel; device: Device; name: string; now: number }) {
  const { since_ms: since, seen_ms: seen, stolen } = device;
  return (
    <li>
      <h2>{name}</h2>
      <p>{stolen ? m('devices.stolen') : m('devices.since', { since: momentWords(since, now), seen: momentWords(seen, now) })}</p>
      {!device.this && !stolen && (
        <Asked
          button={m('devices.out')}
          label={m('devices.out.name', { device: name })}
          questions={[m('devices.out.sure')]}
          yes={m('devices.out.yes')}
          no={m('devices.out.no')}
          isWorking={model.signingOut.state.value.kind === 'working'}
          act={() => void model.signOutDevice(device.id)}
        />
      )}
    </li>
  );
}
