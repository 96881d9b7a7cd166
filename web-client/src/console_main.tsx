import { effect, signal, untracked } from '@preact/signals';
import { render, type ComponentType } from 'preact';
import { Api } from './account/api.ts';
import { fetchHttp } from './account/http.ts';
import { MemberApp } from './member_app.ts';
import type { Language } from './model/bulletin.ts';
import type { Letter, MessageLetter } from './model/letter.ts';
import type { OutboxItem } from './model/outbox_item.ts';
import { mayOrganise } from './model/session.ts';
import { systemClock } from './platform/clock.ts';
import { localValues } from './platform/local_values.ts';
import { randomUuid } from './platform/random.ts';
import { Outbox } from './sync/outbox.ts';
import { AppFrame } from './views/app_frame.tsx';
import { ConsoleFrame } from './views/console/console_frame.tsx';
import type { ConsolePageProps, ConsoleParts } from './views/console/console_parts.ts';
import { NeedsRole } from './views/console/needs_role.tsx';
import { routeFromHash, type Page, type Route } from './views/console/route.ts';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { lazyPage } from './views/shared/lazy_page.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { WaitingNotice } from './views/shared/waiting_notice.tsx';
import { t } from './words/app_words.ts';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';
import { c } from './words/console_words.ts';

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
const outboxItems = signal<readonly OutboxItem<MessageLetter>[]>([]);
const outbox = new Outbox<MessageLetter>({
  store: app.stores.outbox,
  carries: (letter: Letter) => letter.kind === 'message',
  publish: (item) => app.connection.publish(item),
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  changed: (items) => (outboxItems.value = items),
});
await outbox.load();
const parts: ConsoleParts = {
  api: new Api(fetchHttp, app.sessions),
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  values,
  outbox,
  outboxItems,
  feed: app.feed,
  now,
};

addEventListener('hashchange', () => (route.value = routeFromHash(location.hash)));
effect(() => {
  const membership = app.membership.value;
  const member = membership.kind === 'member' ? membership.member.id : null;
  untracked(() => outbox.memberChanged(member));
});
app.onPhase((phase) => outbox.connectionChanged(phase === 'connected'));
app.connect();

effect(() => {
  document.title = `${c(`nav.${route.value.page}`)} – ${t('brand')} ${c('title')}`;
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
  const { page, path } = route.value;
  const View = VIEWS[page];
  return (
    <ConsoleFrame page={page} link={link} now={now.value} chooseLanguage={choose}>
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

function choose(chosen: Language): void {
  chooseLanguage(values, chosen);
}
