import { effect, signal, untracked } from '@preact/signals';
import { render } from 'preact';
import { fetchHttp } from './account/http.ts';
import { Invites } from './account/invites.ts';
import { MemberApp } from './member_app.ts';
import type { Language } from './model/bulletin.ts';
import type { OutboxItem } from './model/outbox_item.ts';
import { mayOrganise, type ChannelGrant, type Member } from './model/session.ts';
import { systemClock } from './platform/clock.ts';
import { localValues } from './platform/local_values.ts';
import { randomUuid } from './platform/random.ts';
import { Outbox } from './sync/outbox.ts';
import { AppFrame } from './views/app_frame.tsx';
import { BulletinsView } from './views/console/bulletins_view.tsx';
import { ComposeModel } from './views/console/compose_model.ts';
import { ComposeView } from './views/console/compose_view.tsx';
import { ConsoleFrame } from './views/console/console_frame.tsx';
import { InvitesModel } from './views/console/invites_model.ts';
import { InvitesView } from './views/console/invites_view.tsx';
import { NeedsRole } from './views/console/needs_role.tsx';
import { pageFromHash, type Page } from './views/console/page.ts';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { WaitingNotice } from './views/shared/waiting_notice.tsx';
import { t } from './words/app_words.ts';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';
import { c } from './words/console_words.ts';

const values = localValues();
startLanguage(values, navigator.languages);

const app = await MemberApp.open(values);
const now = minuteSignal(systemClock);
const page = signal<Page>(pageFromHash(location.hash));
const outboxItems = signal<readonly OutboxItem[]>([]);
const outbox = new Outbox({
  store: app.stores.outbox,
  publish: (item) => app.connection.publish(item),
  clock: systemClock,
  random: Math.random,
  randomId: randomUuid,
  changed: (items) => (outboxItems.value = items),
});
await outbox.load();
const compose = new ComposeModel({
  values,
  randomId: randomUuid,
  post: (channel, bulletin) => outbox.add(channel, bulletin),
  isInOutbox: (id) => outbox.has(id),
});
const invites = new InvitesModel(new Invites(fetchHttp, app.sessions), () => systemClock.now());

addEventListener('hashchange', () => (page.value = pageFromHash(location.hash)));
effect(() => {
  const membership = app.membership.value;
  const member = membership.kind === 'member' ? membership.member.id : null;
  untracked(() => {
    compose.memberChanged(member);
    outbox.memberChanged(member);
  });
});
app.onPhase((phase) => outbox.connectionChanged(phase === 'connected'));
app.connect();

effect(() => {
  document.title = `${c(`nav.${page.value}`)} – ${t('brand')} ${c('title')}`;
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
  return (
    <ConsoleFrame page={page.value} link={link} now={now.value} chooseLanguage={choose}>
      <ServiceNotices service={app.service.value} storageWorks={app.storageWorks.value} />
      {link.kind === 'offline' && (
        <p class="banner" role="status">
          {c('link.down')}
        </p>
      )}
      {waiting !== null && <WaitingNotice waiting={waiting} meanwhile={c('waiting.posts')} />}
      <PageView page={page.value} member={membership.member} channels={membership.channels} />
    </ConsoleFrame>
  );
}

function choose(chosen: Language): void {
  chooseLanguage(values, chosen);
}

function PageView({ page, member, channels }: { page: Page; member: Member; channels: readonly ChannelGrant[] }) {
  if (!mayOrganise(member)) return <NeedsRole why="console" />;
  switch (page) {
    case 'bulletins':
      return <BulletinsView feed={app.feed.value} now={now.value} />;
    case 'invites':
      return member.roles.includes('admin') ? <InvitesView model={invites} now={now.value} /> : <NeedsRole why="invites" />;
    case 'compose':
      return member.roles.includes('sender') || member.roles.includes('admin') ? (
        <ComposeView
          model={compose}
          channels={channels.filter(({ mayPost }) => mayPost).map(({ name }) => name)}
          outbox={outboxItems}
          entries={app.feed.value.entries}
          retry={(id) => void outbox.retry(id)}
          discard={(id) => void outbox.discard(id)}
        />
      ) : (
        <NeedsRole why="compose" />
      );
  }
}
