import { useEffect } from 'preact/hooks';
import { version } from '../../../package.json';
import type { Quiet } from '../../model/quiet.ts';
import { clockText } from '../../model/quiet.ts';
import { mayOrganise, type ChannelGrant, type Member } from '../../model/session.ts';
import { m } from '../../words/app/me_words.ts';
import { p } from '../../words/app/push_words.ts';
import { o } from '../../words/app/sign_on_words.ts';
import { s } from '../../words/app/trust_words.ts';
import { chooseLanguage } from '../../words/choose_language.ts';
import type { AppParts } from '../app/app_parts.ts';
import type { Push } from '../app/push.ts';
import { channelWords } from '../shared/channel_words.ts';
import { LanguageSwitch } from '../shared/language_switch.tsx';
import { DeviceCard } from './device_card.tsx';
import type { MeModel } from './me_model.ts';
import { NameForm } from './name_form.tsx';
import { ServiceCard } from './service_card.tsx';
import { Part } from './sub_page.tsx';
import { trustHint } from './trust_view.tsx';

export interface MeViewProps {
  readonly model: MeModel;
  readonly parts: AppParts;
  readonly member: Member;
  readonly channels: readonly ChannelGrant[];
  readonly quiet: Quiet;
  readonly push: Push;
}

export function MeView({ model, parts, member, channels, quiet, push }: MeViewProps) {
  useEffect(() => void push.look(), [push]);
  useEffect(() => void model.askSignOn(), [model]);
  const { kind } = push.snapshot.value.state;
  const trust = parts.trust.value;
  const named = (prefix: string): string[] => channels.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => channelWords(name));
  return (
    <div class="me">
      <h1>{m('me.title')}</h1>
      <Part id="me-you" title={m('me.you')}>
        <p class="me-id">{m('me.member', { id: member.id })}</p>
        <NameForm key={member.id} model={model} name={member.name ?? ''} />
        <dl class="me-facts">
          <dt>{m('me.roles')}</dt>
          {member.roles.map((role) => (
            <dd key={role}>{m(`role.${role}`)}</dd>
          ))}
          <Fact title={m('me.regions')} values={named('bulletins:region.')} />
          <Fact title={m('me.teams')} values={named('teams:')} />
        </dl>
      </Part>
      <Part id="me-language" title={m('me.language')}>
        <LanguageSwitch choose={(chosen) => void chooseLanguage(parts.values, chosen)} />
      </Part>
      <nav class="me-part" aria-label={m('me.more')}>
        <ul class="me-links">
          {kind !== 'none' && <Line to="notifications" words={p('title')} hint={p(`state.${kind}`)} />}
          <Line to="quiet" words={m('me.quiet')} hint={quietWords(quiet)} />
          <Line to="devices" words={m('me.devices')} />
          <Line to="passkeys" words={m('me.passkeys')} hint={m('me.passkeys.hint')} />
          <Line to="move" words={m('me.move')} />
          <Line to="install" words={m('me.install')} />
          <Line to="trust" words={s('me')} {...(trust === null ? {} : { hint: trustHint(trust.state.value) })} />
          {model.signOn.value !== null && <Line to="sign-on" words={o('title')} hint={model.signOn.value} />}
          <Line to="data" words={m('me.data')} />
        </ul>
      </nav>
      <ServiceCard sayItIsSlow={parts.sayItIsSlow} />
      <DeviceCard showConsole={mayOrganise(member)} signOut={parts.signOut} />
      <p class="hint">{m('me.version', { version })}</p>
    </div>
  );
}

function Fact({ title, values }: { title: string; values: readonly string[] }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{values.length === 0 ? m('me.none') : values.join(', ')}</dd>
    </>
  );
}

function Line({ to, words, hint }: { to: string; words: string; hint?: string }) {
  return (
    <li>
      <a href={`#me/${to}`}>
        <span>
          {words}
          {hint !== undefined && <small>{hint}</small>}
        </span>
        <span class="me-links-sign" aria-hidden="true">
          ›
        </span>
      </a>
    </li>
  );
}

function quietWords({ muted, hours }: Quiet): string {
  const said = [
    ...(muted.length > 0 ? [m.counted('quiet.summary.muted', muted.length)] : []),
    ...(hours === null ? [] : [m('quiet.summary.hours', { from: clockText(hours.from), until: clockText(hours.until) })]),
  ];
  return said.length === 0 ? m('quiet.summary.none') : said.join(' · ');
}
