import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { Api } from './account/api.ts';
import { fetchHttp } from './account/http.ts';
import { Join, type JoinState } from './account/join.ts';
import { PendingInvites } from './account/pending_invite.ts';
import { Reminder } from './account/reminder.ts';
import { MemberApp } from './member_app.ts';
import { mayOrganise, type ChannelGrant, type Member, type Session } from './model/session.ts';
import { systemClock } from './platform/clock.ts';
import { localValues } from './platform/local_values.ts';
import { watchPresence } from './platform/presence.ts';
import { randomUuid } from './platform/random.ts';
import { appRouteFromHash, type AppRoute } from './views/app/app_page.ts';
import type { AppParts } from './views/app/app_parts.ts';
import { AppFrame } from './views/app_frame.tsx';
import { FeedView } from './views/feed/feed_view.tsx';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { JoinView } from './views/join/join_view.tsx';
import { lazyPage } from './views/shared/lazy_page.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { t } from './words/app_words.ts';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';

const TeamsPage = lazyPage(async () => (await import('./views/teams/teams_page.tsx')).TeamsPage);
const InboxPage = lazyPage(async () => (await import('./views/inbox/inbox_page.tsx')).InboxPage);
const MePage = lazyPage(async () => (await import('./views/me/me_page.tsx')).MePage);

const values = localValues();
startLanguage(values, navigator.languages);

const token = location.pathname === '/join' ? takeToken() : null;
const app = await MemberApp.open(values);
const now = minuteSignal(systemClock);
const route = signal<AppRoute>(appRouteFromHash(token === null ? location.hash : ''));
const parts: AppParts = {
  api: new Api(fetchHttp, app.sessions),
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  values,
  feed: app.feed,
  now,
  sayItIsSlow: () => app.felt.sayItIsSlow(),
  signOut: () => app.signOut(),
};
const joining = signal(token !== null);
const joinState = signal<JoinState>({ kind: 'no-invite' });
const reminder = new Reminder(systemClock, Math.random);
const invites = new PendingInvites(values, randomUuid);
const join = token === null ? null : new Join({ http: fetchHttp, invites, reminder, changed: hearJoin }, token);

watchForAnotherInvite();
addEventListener('hashchange', () => {
  if (!joining.value) route.value = appRouteFromHash(location.hash);
});
watchPresence(
  () => {},
  () => reminder.wake(),
);
if (join === null) app.connect();
else joinState.value = join.state;

effect(() => {
  document.title = `${joining.value ? t('join.title') : t(`app.nav.${route.value.page}`)} – ${t('brand')}`;
});
const root = document.getElementById('root');
if (root !== null) render(<App />, root);

function App() {
  return (
    <AppFrame
      chooseLanguage={(chosen) => chooseLanguage(values, chosen)}
      page={!joining.value && app.membership.value.kind === 'member' ? route.value.page : null}
    >
      <Screen />
    </AppFrame>
  );
}

function Screen() {
  const membership = app.membership.value;
  if (joining.value) {
    return <JoinView state={joinState} isMember={membership.kind === 'member'} redeem={() => void join?.redeem()} />;
  }
  switch (membership.kind) {
    case 'opening':
      return <OpeningView link={app.feed.value.link} waiting={app.waiting.value} />;
    case 'not-joined':
      return <NotJoinedView />;
    case 'member':
      return (
        <>
          <ServiceNotices service={app.service.value} storageWorks={app.storageWorks.value} />
          <MemberScreen member={membership.member} channels={membership.channels} />
        </>
      );
  }
}

function MemberScreen({ member, channels }: { member: Member; channels: readonly ChannelGrant[] }) {
  const { page, path } = route.value;
  const props = { parts, member, channels, path };
  switch (page) {
    case 'bulletins':
      return (
        <FeedView
          member={member}
          feed={app.feed}
          waiting={app.waiting}
          now={now}
          sayItIsSlow={parts.sayItIsSlow}
          signOut={parts.signOut}
        />
      );
    case 'teams':
      return <TeamsPage {...props} />;
    case 'inbox':
      return <InboxPage {...props} />;
    case 'me':
      return <MePage {...props} />;
  }
}

/** Another link opened over this page changes only the fragment, and the browser would not load anything. */
function watchForAnotherInvite(): void {
  addEventListener('hashchange', () => {
    if (location.pathname === '/join' && location.hash.length > 1) location.reload();
  });
}

/** The token leaves the address bar at once, where it would be seen, bookmarked and shared. */
function takeToken(): string {
  const fragment = location.hash.slice(1);
  history.replaceState(null, '', '/join');
  return fragment;
}

function hearJoin(state: JoinState): void {
  joinState.value = state;
  if (state.kind === 'joined') void enter(state.session);
}

async function enter(session: Session): Promise<void> {
  await app.join(session);
  if (mayOrganise(session.member)) {
    location.replace('/console');
    return;
  }
  history.replaceState(null, '', '/');
  joining.value = false;
  app.connect();
}
