import { p } from '../../../../words/console/people_words.ts';
import { momentWords } from '../../../../words/times.ts';
import { failureWords } from '../../../shared/failure_words.ts';
import { AsksFirst } from '../../shared/asks_first.tsx';
import type { MemberModel } from './member_model.ts';

/** Where a member is signed in, and how that ends. */
export function DevicesPanel({ model, now }: { model: MemberModel; now: number }) {
  const devices = model.devices.value;
  const doing = model.doing.value;
  return (
    <section class="panel" aria-labelledby="devices-title">
      <h2 id="devices-title">{p('devices.title')}</h2>
      {devices.kind === 'loading' && <p class="hint">{p('devices.loading')}</p>}
      {devices.kind === 'failed' && <p class="problem">{failureWords(devices.why)}</p>}
      {devices.kind === 'listed' && devices.devices.length === 0 && <p class="hint">{p('devices.none')}</p>}
      {devices.kind === 'listed' && devices.devices.length > 0 && (
        <>
          <ul class="lines">
            {devices.devices.map((device, index) => (
              <li key={device.id}>
                <p>
                  <strong>{p('devices.of', { number: index + 1 })}</strong> {device.this && <span class="badge">{p('devices.this')}</span>}
                  <br />
                  <small>
                    {p('devices.since')}: {momentWords(device.since_ms, now)}. {p('devices.seen')}: {momentWords(device.seen_ms, now)}.
                  </small>
                  {device.stolen && <strong class="warning">{p('devices.stolen')}</strong>}
                </p>
                {!device.stolen && (
                  <AsksFirst
                    label={p('devices.out')}
                    name={p('devices.out.of', { number: index + 1 })}
                    question={p('devices.out.sure')}
                    yes={p('devices.out.yes')}
                    no={p('no')}
                    act={() => void model.signOut(device.id)}
                  />
                )}
              </li>
            ))}
          </ul>
          <AsksFirst
            label={p('devices.all')}
            question={p('devices.all.sure')}
            yes={p('devices.all.yes')}
            no={p('no')}
            act={() => void model.signOutEverywhere()}
          />
        </>
      )}
      <p class="done" role="status">
        {doing.kind === 'done' && doing.what === 'signed-out' && p('devices.done')}
        {doing.kind === 'done' && doing.what === 'signed-out-everywhere' && p('devices.done.all')}
      </p>
    </section>
  );
}
