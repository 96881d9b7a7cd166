import { computed, effect, signal, untracked } from '@preact/signals';
import { render, type ComponentType } from 'preact';
import { Api } from './account/api.ts';
import { AuditHeads } from './account/audit_heads.ts';
import { Bulletins } from './account/bulletins.ts';
import { fetchHttp } from './account/http.ts';
import { MemberApp } from './member_app.ts';
import type { Language } from './model/bulletin.ts';
import { newBulletinId } from './model/bulletin_id.ts';
import type { BulletinLetter, Letter } from './model/letter.ts';
import type { OutboxItem } from './model/outbox_item.ts';
import { mayOrganise, type Member } from './model/session.ts';
import { systemClock } from './platform/clock.ts';
import { localValues } from './platform/local_values.ts';
import { watchPresence } from './platform/presence.ts';
import { randomUuid } from './platform/random.ts';
import { ORGANISERS_CHANNEL, parseNotice, type Notice } from './protocol/parse_notice.ts';
import { postBulletin } from './sync/bulletin_post.ts';
import { Outbox } from './sync/outbox.ts';
import { AppFrame } from './views/app_frame.tsx';
import { BulletinWatch } from './views/console/bulletins/bulletin_watch.ts';
import { ConsoleFrame } from './views/console/console_frame.tsx';
import type { ConsolePageProps, ConsoleParts } from './views/console/console_parts.ts';
import { NeedsRole } from './views/console/needs_role.tsx';
import type { InboxCount } from './views/console/inbox/inbox_count.ts';
import type { RailCount } from './views/console/rail.tsx';
import { pagesFor, routeFromHash, type Page, type Route } from './views/console/route.ts';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { lazyPage } from './views/shared/lazy_page.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { WaitingNotice } from './views/shared/waiting_notice.tsx';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';
import { b } from './words/console/bulletins_words.ts';
import { c } from './words/console_words.ts';
import { formatNumber, language } from './words/translator.ts';

const VIEWS: { readonly [P in Page]: ComponentType<ConsolePageProps> } = {
  compose: lazyPage(async () => (await import('./views/console/compose/compose_page.tsx')).ComposePage),
  bulletins: lazyPage(async () => (await import('./views/console/bulletins/bulletins_page.tsx')).BulletinsPage),
  people: lazyPage(async () => (await import('./views/console/people/people_page.tsx')).PeoplePage),
  inbox: lazyPage(async () => (await import('./views/console/inbox/inbox_page.tsx')).InboxPage),
  watch: lazyPage(async () => (await import('./views/console/watch/watch_page.tsx')).WatchPage),
  audit: lazyPage(async () => (await import('./views/console/audit/audit_page.tsx')).AuditPage),
  incidents: lazyPage(async () => (await import('./views/console/incidents/incidents_page.tsx')).IncidentsPage),
};

const values = localValues();
startLanguage(values, navigator.languages);

const app = await MemberApp.open(values);
const now = minuteSignal(systemClock);
const route = signal<Route>(routeFromHash(location.hash));
const visible = signal(document.visibilityState !== 'hidden');
const api = new Api(fetchHttp, app.sessions);
const bulletins = new Bulletins(api);
const watch = new BulletinWatch({ list: async () => bulletins.list(), clock: systemClock, random: Math.random });
const outboxItems = signal<readonly OutboxItem<BulletinLetter>[]>([]);
const outbox = new Outbox<BulletinLetter>({
  store: app.stores.outbox,
  carries: (letter: Letter) => letter.kind === 'bulletin',
  publish: postBulletin(bulletins),
  clock: systemClock,
  random: Math.random,
  randomId: () => newBulletinId(systemClock.now(), randomUuid()),
  changed: (items) => (outboxItems.value = items),
});
await outbox.load();
const noticeWatchers = new Set<(notice: Notice) => void>();
const inboxCount = signal<InboxCount>({ waiting: 0, isAtLeast: false });
const parts: ConsoleParts = {
  api,
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  values,
  outbox,
  outboxItems,
  heard: (watch) => {
    noticeWatchers.add(watch);
    return () => void noticeWatchers.delete(watch);
  },
  auditHeads: new AuditHeads(values),
  bulletins,
  watch,
  visible,
  feed: app.feed,
  now,
};

addEventListener('hashchange', () => (route.value = routeFromHash(location.hash)));
watchPresence(() => (visible.value = false), () => (visible.value = true));
effect(() => watch.visibleChanged(visible.value));
effect(() => watch.shownChanged(route.value.page === 'bulletins' || route.value.page === 'compose'));
const memberId = computed(() => (app.membership.value.kind === 'member' ? app.membership.value.member.id : null));
effect(() => {
  const member = memberId.value;
  untracked(() => outbox.memberChanged(member));
  untracked(() => watch.stop());
});
const looksOn = computed(() => app.membership.value.kind === 'member' && mayOrganise(app.membership.value.member));
effect(() => {
  if (memberId.value !== null && looksOn.value) untracked(() => watch.start());
});
app.onPhase((phase) => outbox.connectionChanged(phase === 'connected'));
app.connect();

parts.heard((notice) => {
  if (notice.kind === 'audit_head') parts.auditHeads.keep(notice.head);
  if (notice.kind === 'bulletin' || notice.kind === 'lapsed') watch.hint();
});
app.onAnnounced((channel, data) => {
  const notice = channel === ORGANISERS_CHANNEL ? parseNotice(data) : null;
  if (notice !== null) for (const watch of noticeWatchers) watch(notice);
});
/** For whom the inbox is, while they are here. */
const inboxReader = computed(() => {
  const membership = app.membership.value;
  return membership.kind === 'member' && pagesFor(membership.member.roles).includes('inbox') ? membership.member.id : null;
});
effect(() => {
  if (inboxReader.value === null) return undefined;
  let end: (() => void) | null = null;
  let isOver = false;
  import('./views/console/inbox/count_inbox.ts').then(
    ({ countInbox }) => {
      if (!isOver) end = countInbox(parts, (count) => (inboxCount.value = count));
    },
    // Without a connection there is nothing to count either; the next visit counts.
    () => {},
  );
  return () => {
    isOver = true;
    end?.();
    inboxCount.value = { waiting: 0, isAtLeast: false };
  };
});
const root = document.getElementById('root');
if (root !== null) render(<Console />, root);

function Console() {
  const membership = app.membership.value;
  if (membership.kind !== 'member') {
    return (
      <AppFrame chooseLanguage={choose}>
        {membership.kind === 'opening' ? (
          <OpeningView link={app.feed.value.link} waiting={app.waiting.value} />
        ) : (
          <NotJoinedView />
        )}
      </AppFrame>
    );
  }
  const { link } = app.feed.value;
  const waiting = app.waiting.value;
  const pages = pagesFor(membership.member.roles);
  const { page, path } = shownRoute(pages);
  const View = VIEWS[page];
  return (
    <ConsoleFrame route={{ page, path }} pages={pages} counts={counts(membership.member)} link={link} now={now.value} chooseLanguage={choose}>
      <ServiceNotices service={app.service.value} storageWorks={app.storageWorks.value} />
      {link.kind === 'offline' && (
        <p class="banner" role="status">
          {c('link.down')}
        </p>
      )}
      {waiting !== null && <WaitingNotice waiting={waiting} meanwhile={c('waiting.posts')} />}
      {mayOrganise(membership.member) ? (
        <View key={page} parts={parts} member={membership.member} channels={membership.channels} path={path} />
      ) : (
        <NeedsRole why="console" />
      )}
    </ConsoleFrame>
  );
}

/** Who says nowhere begins at the first page that is theirs. */
function shownRoute(pages: readonly Page[]): Route {
  const said = route.value;
  const first = pages[0];
  return location.hash.length <= 1 && first !== undefined ? { page: first, path: [] } : said;
}

function counts(member: Member): Partial<Record<Page, RailCount>> {
  const { waiting, isAtLeast } = inboxCount.value;
  const toApprove = watch.toApprove(member);
  return {
    ...(toApprove > 0 && { bulletins: { short: figure(toApprove), words: b.counted('rail', toApprove) } }),
    ...(waiting > 0 && { inbox: { short: `${figure(waiting)}${isAtLeast ? '+' : ''}`, words: c.counted('nav.count', waiting) } }),
  };
}

function figure(count: number): string {
  return formatNumber(count, language.value);
}

function choose(chosen: Language): void {
  chooseLanguage(values, chosen);
}
