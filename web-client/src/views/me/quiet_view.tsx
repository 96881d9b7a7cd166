import { clockText, minuteFromText, USUAL_HOURS, type Quiet } from '../../model/quiet.ts';
import type { ChannelGrant } from '../../model/session.ts';
import { m } from '../../words/app/me_words.ts';
import { channelWords } from '../shared/channel_words.ts';
import { Part, SubPage } from './sub_page.tsx';

export interface QuietViewProps {
  readonly quiet: Quiet;
  readonly choose: (chosen: Quiet) => void;
  readonly channels: readonly ChannelGrant[];
}

export function QuietView({ quiet, choose, channels }: QuietViewProps) {
  const { muted, hours, isUrgentTold } = quiet;
  const mute = (channel: string, isMuted: boolean): void => {
    const others = muted.filter((each) => each !== channel);
    choose({ ...quiet, muted: isMuted ? [...others, channel] : others });
  };
  return (
    <SubPage title={m('quiet.title')}>
      <p>
        {m('quiet.what')} {m('quiet.kept')}
      </p>
      <Part id="quiet-mute" title={m('quiet.mute')}>
        <p class="hint">{m('quiet.mute.what')}</p>
        {channels.map(({ name }) => (
          <Choice key={name} words={channelWords(name)} isOn={muted.includes(name)} turn={(isOn) => mute(name, isOn)} />
        ))}
      </Part>
      <Part id="quiet-hours" title={m('quiet.hours')}>
        <Choice
          words={m('quiet.hours.on')}
          isOn={hours !== null}
          turn={(isOn) => choose({ ...quiet, hours: isOn ? USUAL_HOURS : null })}
        />
        {hours !== null && (
          <div class="me-times">
            {(['from', 'until'] as const).map((end) => (
              <label class="field" key={end}>
                <span class="field-label">{m(`quiet.hours.${end}`)}</span>
                <input
                  type="time"
                  value={clockText(hours[end])}
                  onChange={(event) => {
                    const minute = minuteFromText(event.currentTarget.value);
                    if (minute !== null) choose({ ...quiet, hours: { ...hours, [end]: minute } });
                  }}
                />
              </label>
            ))}
          </div>
        )}
        <p class="hint">{m('quiet.hours.what')}</p>
        <Choice words={m('quiet.urgent')} isOn={isUrgentTold} turn={(isOn) => choose({ ...quiet, isUrgentTold: isOn })} />
        <p class="hint">{m('quiet.urgent.what')}</p>
      </Part>
    </SubPage>
  );
}

function Choice({ words, isOn, turn }: { words: string; isOn: boolean; turn: (isOn: boolean) => void }) {
  return (
    <label class="me-choice">
      <input type="checkbox" checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} />
      <span>{words}</span>
    </label>
  );
}
