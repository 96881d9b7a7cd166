import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { Confirmed } from './account/passkeys.ts';
import { fetchHttp } from './account/http.ts';
import { Join, type JoinState } from './account/join.ts';
import { PendingInvites } from './account/pending_invite.ts';
import { Reminder } from './account/reminder.ts';
import { askSignOn, signOnAddress } from './account/sign_on.ts';
import { JOINED_BY_KEY } from './model/kept_keys.ts';
import type { Session } from './model/session.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { watchPresence } from './platform/presence.ts';
import { randomUuid } from './platform/random.ts';
import { parseSignOnRefusal } from './protocol/parse_sign_on.ts';
import { linkParts } from './trust/anchor.ts';
import { JoinView } from './views/join/join_view.tsx';
import { lazyPart } from './views/shared/lazy_part.tsx';
import { t } from './words/app_words.ts';
import { chooseLanguage } from './words/choose_language.ts';

export interface JoinPageProps {
  readonly isMember: boolean;
}

/** Coming in by a link or a code. It is no part of the app's first load, because members come in once. */
export function joinPage(values: LocalValues, entered: (session: Session) => Promise<void>): ComponentType<JoinPageProps> {
  const state = signal<JoinState>({ kind: 'no-invite' });
  const reminder = new Reminder(systemClock, Math.random);
  watchPresence(
    () => {},
    () => reminder.wake(),
  );
  const invites = new PendingInvites(values, randomUuid);
  const changed = (next: JoinState): void => {
    state.value = next;
    if (next.kind !== 'joined') return;
    // Only a link that let somebody in has a say in whose campaign this is.
    if (join.fingerprint !== null) values.set(JOINED_BY_KEY, `${join.fingerprint} ${systemClock.now()}`);
    void entered(next.session);
  };
  const refusal = parseSignOnRefusal(new URLSearchParams(location.search).get('sign_on'));
  const { token, fingerprint } = linkParts(takeFragment());
  const join = new Join({ http: fetchHttp, invites, reminder, changed }, token, fingerprint);
  state.value = join.state;
  const SignIn = lazyPart(
    async () => {
      const { SignInByPasskey } = await import('./views/passkeys/sign_in.tsx');
      return () => <SignInByPasskey signIn={async () => signIn(values)} entered={entered} />;
    },
    () => t('page.loading'),
    () => t('page.failed.body'),
  );
  return function JoinPage({ isMember }: JoinPageProps) {
    return (
      <JoinView
        state={state}
        isMember={isMember}
        isMove={join.isMove}
        signOnRefusal={refusal}
        passkey={<SignIn />}
        signOn={{ ask: async () => askSignOn(fetchHttp), address: signOnAddress('/') }}
        redeem={() => void join.redeem()}
        enterCode={(code) => void join.enterCode(code)}
        chooseLanguage={(chosen) => void chooseLanguage(values, chosen)}
      />
    );
  };
}

async function signIn(values: LocalValues): Promise<Confirmed> {
  const { signInByPasskey } = await import('./account/passkey_sign_in.ts');
  return signInByPasskey({
    http: fetchHttp,
    ceremonies: async () => new (await import('./platform/web_authn.ts')).WebAuthn(systemClock),
    keys: async () => (await import('./device_key.ts')).deviceKey(values).keys,
  });
}

/** The token leaves the address bar as soon as it is kept here: there it would be seen, bookmarked and shared. */
function takeFragment(): string {
  const fragment = location.hash.slice(1);
  history.replaceState(null, '', '/join');
  return fragment;
}
