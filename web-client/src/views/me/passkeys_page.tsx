import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { mayOrganise, type Member } from '../../model/session.ts';
import type { Passkey } from '../../protocol/api.gen.ts';
import { m } from '../../words/app/me_words.ts';
import { o } from '../../words/app/own_passkeys_words.ts';
import { momentWords } from '../../words/times.ts';
import type { AppPasskeys } from '../app/desk.ts';
import { AccountModel } from '../passkeys/account_model.ts';
import { AskingButton } from '../passkeys/asking_button.tsx';
import { passkeyFailureWords } from '../passkeys/failure_words.ts';
import { passkeyName } from '../passkeys/passkey_name.ts';
import { Asked } from './asked.tsx';
import { NameField, isPasskeyName } from './passkey_name_field.tsx';
import { Part, SubPage } from './sub_page.tsx';

export interface PasskeysPageProps {
  readonly member: Member;
  readonly now: number;
}

/** A member's passkeys, for who wants any: made, named, removed. An organiser's are seen to in the console, which asks for them. */
export function passkeysPage({ own, confirmed }: AppPasskeys): ComponentType<PasskeysPageProps> {
  return function PasskeysPage({ member, now }: PasskeysPageProps) {
    const [model] = useState(() => new AccountModel(own, confirmed));
    return (
      <SubPage title={m('me.passkeys')}>
        {mayOrganise(member) ? (
          <>
            <p>{o('organiser')}</p>
            <p class="actions">
              <a class="button" href="/console#account">
                {o('organiser.open')}
              </a>
            </p>
          </>
        ) : (
          <Own model={model} now={now} />
        )}
      </SubPage>
    );
  };
}

function Own({ model, now }: { model: AccountModel; now: number }) {
  useEffect(() => void model.load(), [model]);
  const [name, setName] = useState(() => passkeyName(navigator.userAgent));
  const listed = model.listed.value;
  const changing = model.changing.value;
  const adding = model.adding.state.value;
  return (
    <>
      <p>{o('what')}</p>
      <p>{o('optional')}</p>
      {listed.kind === 'loading' && <p role="status">{o('loading')}</p>}
      {listed.kind === 'failed' && (
        <p class="problem" role="alert">
          {passkeyFailureWords(listed.why)}
        </p>
      )}
      {listed.kind === 'listed' && listed.passkeys.length === 0 && <p class="hint">{o('none')}</p>}
      {listed.kind === 'listed' && listed.passkeys.length > 0 && (
        <ul class="me-devices" aria-label={o('list')}>
          {listed.passkeys.map((passkey) => (
            <Line key={passkey.id} passkey={passkey} model={model} now={now} />
          ))}
        </ul>
      )}
      <p role="status">
        {(changing.kind === 'removed' || changing.kind === 'renamed') && o(changing.kind)}
        {changing.kind === 'idle' && adding.kind === 'done' && o('added')}
      </p>
      {changing.kind === 'failed' && (
        <p class="problem" role="alert">
          {passkeyFailureWords(changing.why)}
        </p>
      )}
      <Part id="passkeys-new" title={o('add.title')}>
        <p>{o('add.about')}</p>
        <NameField name={name} change={setName} />
        <AskingButton asking={model.adding} words={o('add')} act={() => isPasskeyName(name) && void model.add(name.trim())} />
      </Part>
      <p class="hint">{o('lost')}</p>
    </>
  );
}

function Line({ passkey, model, now }: { passkey: Passkey; model: AccountModel; now: number }) {
  const { id, name, created_at_ms: createdAt, last_used_at_ms: usedAt } = passkey;
  const [text, setText] = useState<string | null>(null);
  const isWorking = model.changing.value.kind === 'working';
  const save = async (): Promise<void> => {
    if (text === null || !isPasskeyName(text) || isWorking) return;
    await model.rename(id, text.trim());
    setText(null);
  };
  return (
    <li>
      <h2>{name}</h2>
      <p>
        {o('made', { time: momentWords(createdAt, now) })}.{' '}
        {usedAt === null || usedAt === undefined ? o('never_used') : o('used', { time: momentWords(usedAt, now) })}.
      </p>
      {text === null ? (
        <>
          <p class="actions">
            <button type="button" class="button button-quiet" aria-label={o('rename.of', { name })} onClick={() => setText(name)}>
              {o('rename')}
            </button>
          </p>
          <Asked
            button={o('remove')}
            label={o('remove.of', { name })}
            questions={[o('remove.sure')]}
            yes={o('remove.yes')}
            no={o('no')}
            isWorking={isWorking}
            act={() => void model.remove(id)}
          />
        </>
      ) : (
        <form
          class="me-name"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <NameField name={text} change={setText} />
          <p class="actions">
            <button type="button" class="button button-quiet" onClick={() => setText(null)}>
              {o('rename.cancel')}
            </button>
            <button type="submit" class="button" aria-disabled={isWorking || !isPasskeyName(text)}>
              {o('rename.save')}
            </button>
          </p>
        </form>
      )}
    </li>
  );
}
