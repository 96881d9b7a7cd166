import { computed, effect, signal, untracked } from '@preact/signals';
import { render, type ComponentType } from 'preact';
import { Api } from './account/api.ts';
import { AuditHeads } from './account/audit_heads.ts';
import { Bulletins } from './account/bulletins.ts';
import { fetchHttp } from './account/http.ts';
import { Passkeys } from './account/passkeys.ts';
import { askSignOn, signOnAddress } from './account/sign_on.ts';
import { MemberApp, type Membership } from './member_app.ts';
import type { Language } from './model/bulletin.ts';
import { newBulletinId } from './model/bulletin_id.ts';
import type { BulletinLetter, Letter } from './model/letter.ts';
import type { OutboxItem } from './model/outbox_item.ts';
import { gateOf, type Gate } from './model/passkey_gate.ts';
import { mayOrganise, type Member, type Session } from './model/session.ts';
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
import { StepUp } from './views/console/passkeys/step_up.ts';
import type { RailCount } from './views/console/rail.tsx';
import { pagesFor, recoveryCode, routeFromHash, type Page, type Route } from './views/console/route.ts';
import { NotJoinedView } from './views/feed/not_joined_view.tsx';
import { OpeningView } from './views/feed/opening_view.tsx';
import { lazyPage } from './views/shared/lazy_page.tsx';
import { minuteSignal } from './views/shared/now.ts';
import { ServiceNotices } from './views/shared/service_notices.tsx';
import { WaitingNotice } from './views/shared/waiting_notice.tsx';
import { chooseLanguage, startLanguage } from './words/choose_language.ts';
import { TrustAlarm } from './views/trust/trust_alarm.tsx';
import type { ConsoleTrust } from './views/console/trust/console_trust.ts';
import type { Bulletin } from './protocol/api.gen.ts';
import type { AuthorSignature, Signing } from './trust/signer.ts';
import { b } from './words/console/bulletins_words.ts';
import { c } from './words/console_words.ts';
import { speakAll } from './words/spoken.ts';
import { formatNumber, language } from './words/translator.ts';

const VIEWS: { readonly [P in Page]: ComponentType<ConsolePageProps> } = {
  compose: lazyPage(async () => (await import('./views/console/compose/compose_page.tsx')).ComposePage),
  bulletins: lazyPage(async () => (await import('./views/console/bulletins/bulletins_page.tsx')).BulletinsPage),
  people: lazyPage(async () => (await import('./views/console/people/people_page.tsx')).PeoplePage),
  inbox: lazyPage(async () => (await import('./views/console/inbox/inbox_page.tsx')).InboxPage),
  watch: lazyPage(async () => (await import('./views/console/watch/watch_page.tsx')).WatchPage),
  audit: lazyPage(async () => (await import('./views/console/audit/audit_page.tsx')).AuditPage),
  incidents: lazyPage(async () => (await import('./views/console/incidents/incidents_page.tsx')).IncidentsPage),
  account: lazyPage(async () => (await import('./views/console/passkeys/account_page.tsx')).AccountPage),
  trust: lazyPage(async () => (await import('./views/console/trust/trust_page.tsx')).TrustPage),
};
const GatePage = lazyPage(async () => (await import('./views/console/passkeys/gate_page.tsx')).GatePage);
const RecoverPage = lazyPage(async () => (await import('./views/console/passkeys/recover_page.tsx')).RecoverPage);
const StepUpDialog = lazyPage(async () => (await import('./views/console/passkeys/step_up_dialog.tsx')).StepUpDialog);

/** Only who is signed out needs it. */
const SignOn = lazyPage<object>(async () => {
  const { SignOn } = await import('./views/join/sign_on.tsx');
  return () => <SignOn ask={async () => askSignOn(fetchHttp)} address={signOnAddress('/console')} />;
});

const values = localValues();
// A bulletin is written and looked at in both.
const speaking = speakAll().then(async () => startLanguage(values, navigator.languages));
const [app] = await Promise.all([MemberApp.open(values), speaking]);
const now = minuteSignal(systemClock);
const recovery = signal<string | null>(takeRecoveryCode());
const route = signal<Route>(routeFromHash(location.hash));
const visible = signal(document.visibilityState !== 'hidden');
const stepUp = new StepUp();
const api = new Api(fetchHttp, app.sessions, async () => stepUp.ask());
const passkeys = new Passkeys({
  http: app.http,
  api: new Api(app.http, app.sessions, async () => stepUp.ask()),
  ceremonies: async () => new (await import('./platform/web_authn.ts')).WebAuthn(systemClock),
  keys: async () => (await import('./device_key.ts')).deviceKey(values).keys,
});
const bulletins = new Bulletins(api);
const watch = new BulletinWatch({ list: async (after) => bulletins.list(after), clock: systemClock, random: Math.random });
const trust = signal<ConsoleTrust | null>(null);
let comingTrust: Promise<ConsoleTrust> | null = null;
const outboxItems = signal<readonly OutboxItem<BulletinLetter>[]>([]);
const outbox = new Outbox<BulletinLetter>({
  store: app.stores.outbox,
  carries: (letter: Letter) => letter.kind === 'bulletin',
  publish: postBulletin(bulletins, signDraft),
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
  quietApi: new Api(fetchHttp, app.sessions),
  passkeys,
  steppedUp: (session) => app.sessions.adopt(session),
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
  reader: {
    file: (attachment) => api.file(`/v1/attachments/${attachment}`),
    isAcknowledged: (bulletin) => app.acknowledged.value.has(bulletin),
    acknowledge: (bulletin) => app.acknowledge(bulletin),
  },
  trust,
  signing,
  now,
};

addEventListener('hashchange', () => {
  recovery.value = takeRecoveryCode() ?? recovery.value;
  route.value = routeFromHash(location.hash);
});
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
void signing().catch(() => {});

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
  if (recovery.value !== null) {
    return (
      <AppFrame chooseLanguage={choose}>
        <RecoverPage code={recovery.value} passkeys={passkeys} confirmed={recovered} leave={() => (recovery.value = null)} />
      </AppFrame>
    );
  }
  const gate = gateNow(membership);
  if (gate !== 'open') {
    return (
      <AppFrame chooseLanguage={choose}>
        <GatePage key={gate} gate={gate} passkeys={passkeys} confirmed={confirmed} look={look} />
      </AppFrame>
    );
  }
  if (membership.kind !== 'member') {
    return (
      <AppFrame chooseLanguage={choose}>
        {membership.kind === 'opening' ? (
          <OpeningView link={app.feed.value.link} waiting={app.waiting.value} />
        ) : (
          <NotJoinedView>
            <SignOn />
          </NotJoinedView>
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
      {trust.value !== null && <TrustAlarm tools={trust.value} />}
      {waiting !== null && <WaitingNotice waiting={waiting} meanwhile={c('waiting.posts')} />}
      {mayOrganise(membership.member) ? (
        <View key={page} parts={parts} member={membership.member} channels={membership.channels} path={path} />
      ) : (
        <NeedsRole why="console" />
      )}
      {stepUp.isAsked.value && (
        <StepUpDialog passkeys={passkeys} confirmed={parts.steppedUp} answer={(isConfirmed) => stepUp.answer(isConfirmed)} />
      )}
    </ConsoleFrame>
  );
}

/** A device that cannot show its key may have lost all that it kept, whose it is as well. */
function gateNow(membership: Membership): Gate {
  return membership.kind === 'not-joined' ? 'open' : gateOf(app.passkeys.value, app.isUnproven.value);
}

/** The code leaves the address bar as soon as it is kept here: there it would be seen, bookmarked and shared. */
function takeRecoveryCode(): string | null {
  const code = recoveryCode(location.hash);
  if (code !== null) history.replaceState(null, '', location.pathname);
  return code;
}

async function confirmed(session: Session): Promise<void> {
  await app.confirmed(session);
}

async function recovered(session: Session): Promise<void> {
  await app.confirmed(session);
  recovery.value = null;
}

function look(): void {
  void app.sessions.renew();
}

/** Who may sign, and this browser's key: opened once, and again if that did not succeed. */
function signing(): Promise<ConsoleTrust> {
  comingTrust ??= import('./console_trust.ts').then(async ({ openConsoleTrust }) => (trust.value = await openConsoleTrust(app, values, api)));
  comingTrust.catch(() => (comingTrust = null));
  return comingTrust;
}

async function signDraft(bulletin: Bulletin): Promise<Signing<AuthorSignature>> {
  try {
    return await (await signing()).submit(bulletin);
  } catch {
    return { kind: 'cannot', why: 'heads_unknown' };
  }
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
  void chooseLanguage(values, chosen);
}
