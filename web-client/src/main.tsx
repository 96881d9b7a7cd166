import { computed, effect, signal, untracked } from '@preact/signals';
import { render, type ComponentChild } from 'preact';
import type { AppTrust } from './app_trust.tsx';
import { Api } from './account/api.ts';
import { fetchHttp } from './account/http.ts';
import { MemberApp } from './member_app.ts';
import { badgeCount } from './model/badge.ts';
import { ANCHORED_KEY } from './model/kept_keys.ts';
import { minuteOfDay, NOT_QUIET, type Quiet } from './model/quiet.ts';
import { mayOrganise, type ChannelGrant, type Member, type Session } from './model/session.ts';
import { showBadge } from './platform/badge.ts';
import { systemClock } from './platform/clock.ts';
import { watchInstall } from './platform/install.ts';
import { localValues } from './platform/local_values.ts';
import { watchPresence } from './platform/presence.ts';
import { randomUuid } from './platform/random.ts';
import { Saved } from './sync/saved.ts';
import { appRouteFromHash, type AppRoute } from './views/app/app_page.ts';
import type { AppParts } from './views/app/app_parts.ts';
import { NOTHING_UNREAD, type Desk, type Unread } from './views/app/desk.ts';
import type { Push } from './views/app/push.ts';
import { NewVersion } from './views/app/new_version.tsx';
import { AppFrame } from './views/app_frame.tsx';
import { FeedView } from './views/feed/feed_view.tsx';
import { hasComeBack, InstallHint, isTimeForHint } from './views/feed/install_hint.tsx';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { lazyPage } from './views/shared/lazy_page.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { t } from './words/app_words.ts';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';
import { speakAll } from './words/spoken.ts';

const load = {
  search: async () => import('./views/feed/search_page.tsx'),
  teams: async () => import('./views/teams/teams_page.tsx'),
  inbox: async () => import('./views/inbox/inbox_page.tsx'),
  me: async () => import('./views/me/me_page.tsx'),
};
const TeamsPage = lazyPage(async () => {
  const [{ teamsPage }, desk] = await Promise.all([load.teams(), opening()]);
  return teamsPage(desk);
});
const InboxPage = lazyPage(async () => {
  const [{ inboxPage }, desk] = await Promise.all([load.inbox(), opening()]);
  return inboxPage(desk);
});
const MePage = lazyPage(async () => {
  const [{ mePage }, desk, push] = await Promise.all([load.me(), opening(), pushing()]);
  return mePage(desk, push);
});

const SearchPage = lazyPage(async () => (await load.search()).SearchPage);

const JoinPage = lazyPage(async () => {
  // An invitation is in both languages at once.
  const [{ joinPage }] = await Promise.all([comingJoin, speakAll()]);
  return joinPage(values, enter);
});

const values = localValues();
const speaking = startLanguage(values, navigator.languages);

const isJoinOpened = location.pathname === '/join';
/** Asked for at once, where it is what was opened. */
const comingJoin = isJoinOpened ? loadJoin() : new Promise<never>(() => {});
// Its page says that it did not come.
comingJoin.catch(() => {});
const joining = signal(isJoinOpened);
const [app] = await Promise.all([MemberApp.open(values), speaking]);
const now = minuteSignal(systemClock);
const route = signal<AppRoute>(appRouteFromHash(isJoinOpened ? '' : location.hash));
const areSigned = values.get(ANCHORED_KEY) !== null;
/** Comes after the bulletins are on the screen. */
const trust = signal<AppTrust | null>(null);
const api = new Api(fetchHttp, app.sessions);
const parts: AppParts = {
  api,
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  values,
  feed: app.feed,
  now,
  bulletins: {
    file: (attachment) => api.file(`/v1/attachments/${attachment}`),
    isAcknowledged: (bulletin) => app.acknowledged.value.has(bulletin),
    acknowledge: (bulletin) => app.acknowledge(bulletin),
    mark: (story, isPinned) =>
      trust.value?.mark(story, now.value, isPinned) ??
      (isPinned !== true && (areSigned || story.current.bulletin.signed !== undefined) && <p class="trust">{t('trust.checking')}</p>),
  },
  sayItIsSlow: () => app.felt.sayItIsSlow(),
  signOut: () => app.signOut(),
  ended: () => app.ended(),
  named: (name) => app.named(name),
  trust,
  install: watchInstall(),
};
const savedIds = signal<readonly string[]>([]);
const savedHere = new Saved(values, (ids) => (savedIds.value = ids));
const saved = { ids: savedIds, has: (id: string) => savedIds.value.includes(id), toggle: (id: string) => savedHere.toggle(id) };
let desk: Promise<Desk> | null = null;
let push: Promise<Push> | null = null;
/** Comes after the first load, and shows itself when it is time. */
const offer = signal<ComponentChild>(null);
const unread = signal<Unread>(NOTHING_UNREAD);
const quiet = signal<Quiet>(NOT_QUIET);
const hasHint = isTimeForHint(values, parts.install.isInstalled());

watchForAnotherInvite();
addEventListener('hashchange', () => {
  if (!joining.value) route.value = appRouteFromHash(location.hash);
});
const hiddenSince = signal<number | null>(null);
const loadNewVersion = signal<(() => void) | null>(null);
watchPresence(
  () => (hiddenSince.value = systemClock.now()),
  () => (hiddenSince.value = null),
);
if (!joining.value) app.connect();

effect(() => {
  const since = hiddenSince.value ?? Number.POSITIVE_INFINITY;
  const minute = minuteOfDay(new Date(now.value));
  const membership = app.membership.value;
  const own = membership.kind === 'member' ? membership.member.id : '';
  showBadge(badgeCount(app.feed.value.entries, { since, own, quiet: quiet.value, minute }));
});
const reader = computed(() => (app.membership.value.kind === 'member' ? app.membership.value.member.id : null));
effect(() => {
  const id = reader.value;
  untracked(() => savedHere.memberChanged(id));
});
effect(() => {
  document.title = `${joining.value ? t('join.title') : t(`app.nav.${route.value.page}`)} – ${t('brand')}`;
});
const stopWaiting = effect(() => {
  const { kind } = app.feed.value.link;
  if (joining.value || kind === 'connecting' || kind === 'catching-up') return;
  queueMicrotask(() => {
    stopWaiting();
    void prepare();
  });
});
effect(() => {
  // The console knows what to do where the device cannot show its key.
  if (app.isUnproven.value) location.replace('/console');
});
const root = document.getElementById('root');
if (root !== null) render(<App />, root);

function App() {
  return (
    <AppFrame
      chooseLanguage={(chosen) => void chooseLanguage(values, chosen)}
      counts={{ teams: unread.value.teams, inbox: unread.value.inbox }}
      page={!joining.value && app.membership.value.kind === 'member' ? route.value.page : null}
    >
      <Screen />
      {loadNewVersion.value !== null && <NewVersion load={loadNewVersion.value} />}
    </AppFrame>
  );
}

function Screen() {
  const membership = app.membership.value;
  if (joining.value) {
    return <JoinPage isMember={membership.kind === 'member'} />;
  }
  switch (membership.kind) {
    case 'opening':
      return <OpeningView link={app.feed.value.link} waiting={app.waiting.value} isAwaiting={app.isAwaiting.value} />;
    case 'not-joined':
      return <NotJoinedView />;
    case 'member':
      return (
        <>
          <ServiceNotices service={app.service.value} storageWorks={app.storageWorks.value} />
          {trust.value?.alarm()}
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
      return path[0] === 'search' ? (
        <SearchPage {...props} saved={saved} />
      ) : (
        <>
          {hasHint && <InstallHint values={values} />}
          <FeedView
            channels={channels}
            feed={app.feed}
            service={app.service}
            waiting={app.waiting}
            now={now}
            tools={parts.bulletins}
            saved={saved}
            path={path}
          />
          {loadNewVersion.value === null && offer.value}
        </>
      );
    case 'teams':
      return <TeamsPage {...props} />;
    case 'inbox':
      return <InboxPage {...props} />;
    case 'me':
      return <MePage {...props} />;
  }
}

async function loadJoin() {
  return import('./join_app.tsx');
}

/**
 * What may be needed when there is no connection comes while there is one, after the newest bulletins. What does not come
 * now is asked for again.
 */
async function prepare(): Promise<void> {
  await Promise.allSettled([keeping(), speakAll(), checking()]);
  await Promise.allSettled([opening()]);
  await Promise.allSettled([offering()]);
  await Promise.allSettled(Object.values(load).map(async (page) => page()));
}

async function keeping(): Promise<void> {
  const { keepApp } = await import('./platform/new_versions.ts');
  keepApp((load) => (loadNewVersion.value = load));
}

async function checking(): Promise<void> {
  const { openAppTrust } = await import('./app_trust.tsx');
  trust.value = await openAppTrust(app, values);
}

/** Where members write: opened once, soon after the first load, and again if that did not succeed. */
function opening(): Promise<Desk> {
  desk ??= import('./member_desk.ts').then(
    async ({ openDesk }) => openDesk(app, parts.api, values, quiet, (counted) => (unread.value = counted)),
  );
  desk.catch(() => (desk = null));
  return desk;
}

/** What this device is sent while the app is closed. The quiet hours that it is told come with the desk. */
function pushing(): Promise<Push> {
  push ??= Promise.all([import('./member_push.ts'), opening()]).then(
    ([{ openPush }]) => openPush({ app, api, values, quiet, install: parts.install, hasComeBack: hasComeBack(values) }),
  );
  push.catch(() => (push = null));
  return push;
}

/** One hint at a time. */
async function offering(): Promise<void> {
  const opened = await pushing();
  if (hasHint) return;
  const { PushOffer } = await import('./views/feed/push_offer.tsx');
  offer.value = <PushOffer push={opened} />;
}

/** Another link opened over this page changes only the fragment, and the browser would not load anything. */
function watchForAnotherInvite(): void {
  addEventListener('hashchange', () => {
    if (location.pathname === '/join' && location.hash.length > 1) location.reload();
  });
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
