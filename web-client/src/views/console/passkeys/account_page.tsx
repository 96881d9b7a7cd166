import '../../../styles/console/passkeys.css';
import { useEffect, useState } from 'preact/hooks';
import type { Passkey } from '../../../protocol/api.gen.ts';
import { o } from '../../../words/app/sign_on_words.ts';
import { k } from '../../../words/console/passkeys_words.ts';
import { momentWords } from '../../../words/times.ts';
import { OwnSignOn } from '../../own_sign_on/own_sign_on.tsx';
import { ownSignOn } from '../../own_sign_on/own_sign_on_model.ts';
import { failureWords } from '../../shared/failure_words.ts';
import type { ConsolePageProps } from '../console_parts.ts';
import { AsksFirst } from '../shared/asks_first.tsx';
import { AccountModel } from '../../passkeys/account_model.ts';
import { AskingButton } from '../../passkeys/asking_button.tsx';
import { passkeyName } from '../../passkeys/passkey_name.ts';

/** One's own passkeys, and the account by which one signs in. */
export function AccountPage({ parts }: ConsolePageProps) {
  const [model] = useState(() => new AccountModel(parts.passkeys, parts.steppedUp));
  const [signOn] = useState(() => ownSignOn(parts.api, '/console'));
  useEffect(() => void model.load(), [model]);
  useEffect(() => void signOn.read(), [signOn]);
  const listed = model.listed.value;
  const changing = model.changing.value;
  const adding = model.adding.state.value;
  return (
    <div class="account">
      <h1>{k('account.title')}</h1>
      <section class="panel" aria-labelledby="passkeys-title">
        <h2 id="passkeys-title">{k('account.passkeys')}</h2>
        <p>{k('account.about')}</p>
        {listed.kind === 'loading' && <p role="status">{k('account.loading')}</p>}
        {listed.kind === 'failed' && (
          <p class="problem" role="alert">
            {failureWords(listed.why)}
          </p>
        )}
        {listed.kind === 'listed' && listed.passkeys.length === 0 && <p class="hint">{k('account.none')}</p>}
        {listed.kind === 'listed' && listed.passkeys.length > 0 && (
          <ul class="lines" aria-label={k('account.passkeys')}>
            {listed.passkeys.map((passkey) => (
              <Line key={passkey.id} passkey={passkey} model={model} now={parts.now.value} isLast={passkey.organises && listed.passkeys.filter(({ organises }) => organises).length === 1} />
            ))}
          </ul>
        )}
        <p class="done" role="status">
          {changing.kind === 'removed' && k('account.removed')}
          {changing.kind !== 'removed' && adding.kind === 'done' && k('account.added')}
        </p>
        {changing.kind === 'failed' && (
          <p class="problem" role="alert">
            {changing.why === 'last_passkey' ? k('account.last') : failureWords(changing.why)}
          </p>
        )}
        <p class="hint">{k('account.add.about')}</p>
        <AskingButton asking={model.adding} words={k('account.add')} act={() => void model.add(passkeyName(navigator.userAgent))} />
      </section>
      {(signOn.found.value?.name != null || signOn.outcome !== null) && (
        <section class="panel" aria-labelledby="sign-on-title">
          <h2 id="sign-on-title">{o('title')}</h2>
          <OwnSignOn model={signOn} asksForPasskey />
        </section>
      )}
    </div>
  );
}

interface LineProps {
  readonly passkey: Passkey;
  readonly model: AccountModel;
  readonly now: number;
  readonly isLast: boolean;
}

function Line({ passkey: { id, name, created_at_ms: createdAt, last_used_at_ms: lastUsedAt, organises }, model, now, isLast }: LineProps) {
  return (
    <li>
      <p>
        <strong>{name}</strong>
        <br />
        <small>
          {k('account.made', { time: momentWords(createdAt, now) })}.{' '}
          {lastUsedAt === null || lastUsedAt === undefined ? k('account.never_used') : k('account.used', { time: momentWords(lastUsedAt, now) })}.
          {!organises && ` ${k('account.signs_in_only')}`}
        </small>
      </p>
      {isLast ? (
        <p class="hint">{k('account.last')}</p>
      ) : (
        <AsksFirst
          label={k('account.remove')}
          name={k('account.remove.of', { name })}
          question={k('account.remove.sure')}
          yes={k('account.remove.yes')}
          no={k('account.no')}
          act={() => void model.remove(id)}
        />
      )}
    </li>
  );
}
