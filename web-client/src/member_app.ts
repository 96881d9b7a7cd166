import { signal, type ReadonlySignal } from '@preact/signals';
import { Felt } from './account/felt.ts';
import { fetchHttp, type Http } from './account/http.ts';
import { HAS_KEY, proving } from './account/proving.ts';
import { SessionSource, type SessionAnswer } from './account/session_source.ts';
import { Connection } from './connection/connection.ts';
import { isBulletinId } from './model/bulletin.ts';
import { DRAFT_KEY } from './model/draft.ts';
import { ANSWERS_KEY, DRAFTS_KEY, QUIET_KEY, READ_MARKS_KEY, SAVED_KEY } from './model/kept_keys.ts';
import { linkPhase, type LinkPhase, type SocketPhase } from './model/link_state.ts';
import type { ChannelGrant, Member, PasskeyStanding, Session } from './model/session.ts';
import { FIRST_VISIT } from './model/visit.ts';
import type { Waiting } from './model/waiting.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { otherTabs, type OtherTabs } from './platform/other_tabs.ts';
import { watchPresence } from './platform/presence.ts';
import { parseKeptChannels } from './protocol/parse_session.ts';
import { NOTHING_SAID, parseServiceStatus, type ServiceStatus } from './protocol/parse_service_status.ts';
import { openStores, type Stores } from './storage/stores.ts';
import { Feed, type FeedSnapshot } from './sync/feed.ts';
import { Receipts } from './sync/receipts.ts';

export type Membership =
  | { readonly kind: 'opening' }
  | { readonly kind: 'member'; readonly member: Member; readonly channels: readonly ChannelGrant[] }
  | { readonly kind: 'not-joined' };

const STATUS_CHANNEL = 'service:status';
const CHANNELS_KEY = 'holdfast.channels';
const LEFT_AT_KEY = 'holdfast.left_at';
/** What still has to be removed from the store: set before the attempt, and taken away when it succeeded. */
const FORGET_KEY = 'holdfast.forget';

/** What both entries are made of: who this device is, what it reads, and how the connection does. */
export class MemberApp {
  readonly membership: ReadonlySignal<Membership>;
  readonly feed: ReadonlySignal<FeedSnapshot>;
  readonly service: ReadonlySignal<ServiceStatus>;
  /** The place in the waiting room, while it keeps this device from the service. */
  readonly waiting: ReadonlySignal<Waiting | null>;
  /** This device has come, and an admin has yet to agree. */
  readonly isAwaiting: ReadonlySignal<boolean>;
  /** The device could not show the key that the service knows of it. */
  readonly isUnproven: ReadonlySignal<boolean>;
  /** `null` while the service has not said it. */
  readonly passkeys: ReadonlySignal<PasskeyStanding | null>;
  readonly storageWorks: ReadonlySignal<boolean>;
  /** Of which bulletins the reader has said that they have seen them. */
  readonly acknowledged: ReadonlySignal<ReadonlySet<string>>;
  readonly sessions: SessionSource;
  /** Shows the device's key, if it has one. */
  readonly http: Http;
  readonly felt: Felt;
  readonly connection: Connection;
  readonly stores: Stores;

  readonly #membership = signal<Membership>({ kind: 'opening' });
  readonly #snapshot = signal<FeedSnapshot>({
    entries: [],
    link: { kind: 'connecting', savedAsOf: null },
    visit: FIRST_VISIT,
  });
  readonly #service = signal<ServiceStatus>(NOTHING_SAID);
  readonly #waiting = signal<Waiting | null>(null);
  readonly #isAwaiting = signal(false);
  readonly #isUnproven = signal(false);
  readonly #passkeys = signal<PasskeyStanding | null>(null);
  readonly #acknowledged = signal<ReadonlySet<string>>(new Set());
  readonly #feed: Feed;
  readonly #receipts: Receipts;
  readonly #values: LocalValues;
  readonly #otherTabs: OtherTabs;
  readonly #seenInTabs: OtherTabs;
  #isOpen = false;
  #socket: SocketPhase = 'connecting';
  #place: Waiting | null = null;
  #phase: LinkPhase = 'connecting';
  readonly #phaseWatchers: ((phase: LinkPhase) => void)[] = [];
  readonly #announcementWatchers = new Set<(channel: string, data: unknown) => void>();
  #answers: Promise<void> = Promise.resolve();

  static async open(values: LocalValues): Promise<MemberApp> {
    const storageWorks = signal(true);
    const heard: { app?: MemberApp } = {};
    const stores = await openStores({
      failed: () => (storageWorks.value = false),
      ownerChanged() {
        if (heard.app !== undefined) heard.app.#ownerChanged();
      },
    });
    if (!stores.isDurable) storageWorks.value = false;
    const app = new MemberApp(stores, storageWorks, values);
    heard.app = app;
    await app.#load();
    return app;
  }

  private constructor(stores: Stores, storageWorks: ReadonlySignal<boolean>, values: LocalValues) {
    this.membership = this.#membership;
    this.feed = this.#snapshot;
    this.service = this.#service;
    this.waiting = this.#waiting;
    this.isAwaiting = this.#isAwaiting;
    this.isUnproven = this.#isUnproven;
    this.passkeys = this.#passkeys;
    this.acknowledged = this.#acknowledged;
    this.storageWorks = storageWorks;
    this.#values = values;
    // Sooner than at the next write, which would notice too.
    this.#otherTabs = otherTabs('holdfast.member', () => this.#ownerChanged());
    // It asks to be seen in no tab any more.
    this.#seenInTabs = otherTabs('holdfast.seen', (bulletin) => {
      if (typeof bulletin === 'string' && isBulletinId(bulletin)) this.#receipts.acknowledge(bulletin);
    });
    this.stores = stores;
    const admissions = otherTabs('holdfast.admission', (message) => this.sessions.hear(message));
    this.http = proving(fetchHttp, values, async () => (await loadKey()).deviceKey(values).prover);
    this.sessions = new SessionSource({
      http: this.http,
      clock: systemClock,
      random: Math.random,
      changed: (answer) => this.#hear(answer),
      tell: (word) => admissions.tell(word),
    });
    this.felt = new Felt({ http: fetchHttp, sessions: this.sessions, clock: systemClock, random: Math.random });
    this.connection = new Connection({
      endpoint: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/connection/websocket`,
      clock: systemClock,
      random: Math.random,
      enter: (how) => this.sessions.enter(how),
      phaseChanged: (phase) => this.#socketChanged(phase),
      announced: (channel, data) => this.#announced(channel, data),
    });
    this.#receipts = new Receipts({
      store: stores.receipts,
      clock: systemClock,
      random: Math.random,
      tell: async (batch) => this.connection.tellReceipts(batch),
      changed: (acknowledged) => (this.#acknowledged.value = acknowledged),
    });
    this.#feed = new Feed(
      {
        link: this.connection,
        store: stores.feed,
        clock: systemClock,
        random: Math.random,
        changed: (snapshot) => (this.#snapshot.value = snapshot),
        received: (ids) => this.#receipts.received(ids),
        shownLive: (postedAt) => this.felt.shown(postedAt),
      },
      readLeftAt(values),
    );
    watchPresence(
      () => {
        if (!this.#isReading) return;
        values.set(LEFT_AT_KEY, String(systemClock.now()));
        this.#feed.readerLeft();
      },
      () => {
        this.sessions.wake();
        if (this.#isReading) this.#feed.readerReturned(readLeftAt(values) ?? systemClock.now());
      },
    );
  }

  connect(): void {
    this.#isOpen = true;
    this.connection.open();
  }

  get phase(): LinkPhase {
    return this.#phase;
  }

  /** The reader has seen it. */
  acknowledge(bulletin: string): void {
    this.#receipts.acknowledge(bulletin);
    this.#seenInTabs.tell(bulletin);
  }

  onPhase(watch: (phase: LinkPhase) => void): void {
    this.#phaseWatchers.push(watch);
  }

  /** What the server says to this connection without being asked. The answer ends it. */
  onAnnounced(watch: (channel: string, data: unknown) => void): () => void {
    this.#announcementWatchers.add(watch);
    return () => void this.#announcementWatchers.delete(watch);
  }

  /** A session just made by redeeming an invite. Resolves when the device belongs to its member. */
  async join(session: Session): Promise<void> {
    this.sessions.adopt(session);
    await this.#answers;
  }

  /** The member has confirmed that it is them: what they read and may do begins anew. */
  async confirmed(session: Session): Promise<void> {
    await this.join(session);
    if (this.#isOpen) this.connection.reopen();
  }

  /** `false`: the service could not be told, and nothing has changed. */
  async signOut(): Promise<boolean> {
    if (!(await this.sessions.signOut())) return false;
    await this.#removeAll();
    return true;
  }

  /** Whoever left or was erased, as the service has said: nothing of them stays here. */
  async ended(): Promise<void> {
    this.sessions.end();
    await this.#removeAll();
  }

  /** The member is called so from now on. */
  async named(name: string | null): Promise<void> {
    this.#enqueue(async () => {
      const before = this.#membership.value;
      if (before.kind !== 'member') return;
      const member = { ...before.member, name };
      this.#membership.value = { ...before, member };
      await this.stores.members.moveIn(member);
    });
    await this.#answers;
  }

  async #removeAll(): Promise<void> {
    this.connection.close();
    this.#enqueue(async () => {
      this.#removeOwn();
      await this.#leave('all');
      if (this.#values.get(HAS_KEY) !== null) await (await loadKey()).deviceKey(this.#values).keys.forget();
      this.#otherTabs.tell();
    });
    await this.#answers;
  }

  async #load(): Promise<void> {
    const unfinished = this.#values.get(FORGET_KEY);
    if (unfinished !== null) await this.#forget(unfinished === 'all' ? 'all' : 'reading');
    // Whose it is has to be known before it is read. Once removing failed, both are asked of memory.
    const member = await this.stores.members.load();
    await this.#receipts.load();
    await this.#feed.load();
    if (member !== null) this.#membership.value = { kind: 'member', member, channels: this.#knownChannels(member) };
  }

  #hear(answer: SessionAnswer): void {
    this.#place = answer.kind === 'waiting' ? answer.waiting : null;
    this.#isAwaiting.value = answer.kind === 'unavailable' && answer.isAwaiting === true;
    this.#isUnproven.value = answer.kind === 'unavailable' && answer.isUnproven === true;
    this.#linkChanged();
    this.#enqueue(() => this.#adopt(answer));
  }

  /** One after the other, and whatever becomes of one, the next is heard. */
  #enqueue(step: () => Promise<void>): void {
    this.#answers = this.#answers.then(step).catch((error: unknown) => console.error(error));
  }

  async #adopt(answer: SessionAnswer): Promise<void> {
    switch (answer.kind) {
      case 'unavailable':
      case 'waiting':
        return;
      case 'not-joined':
        // A revoked device shows nothing more of what it read, also to one who holds it.
        await this.#leave('reading');
        return;
      case 'session': {
        const { channels, passkeys = null } = answer.session;
        const before = this.#membership.value;
        const member = withKnownName(answer.session.member, before);
        const isChanged = before.kind === 'member' && before.member.id !== member.id;
        if (isChanged) await this.#hide('opening');
        if (await this.stores.members.moveIn(member)) {
          this.#removeOwn();
          await this.#empty();
          this.#otherTabs.tell();
        } else if (before.kind !== 'member' || isChanged) {
          await this.#receipts.load();
          await this.#feed.load();
        }
        if (isChanged && this.#isOpen) this.connection.reopen();
        this.#values.set(CHANNELS_KEY, JSON.stringify({ of: member.id, channels }));
        this.#passkeys.value = passkeys;
        this.#membership.value = { kind: 'member', member, channels };
        this.#feed.follow(channels.map(({ name }) => name));
      }
    }
  }

  /** What a member may post to is known before the service says it again: they can write meanwhile. */
  #knownChannels(member: Member): readonly ChannelGrant[] {
    return parseKeptChannels(this.#values.get(CHANNELS_KEY), member.id);
  }

  /** Who has only just joined, or never did, has left no noticeboard behind. */
  get #isReading(): boolean {
    return this.#isOpen && this.#membership.value.kind === 'member';
  }

  /** What the member wrote and chose here. */
  #removeOwn(): void {
    this.#values.remove(DRAFT_KEY);
    this.#values.remove(DRAFTS_KEY);
    this.#values.remove(ANSWERS_KEY);
    this.#values.remove(QUIET_KEY);
    this.#values.remove(SAVED_KEY);
  }

  /** The next member starts with an empty noticeboard, and has never been away from it. */
  async #empty(): Promise<void> {
    this.#values.remove(LEFT_AT_KEY);
    this.#values.remove(CHANNELS_KEY);
    this.#values.remove(READ_MARKS_KEY);
    this.#receipts.clear();
    await this.#feed.clear();
  }

  /** The screen first, whatever the store does then. Resolves when nothing of before is written any more. */
  async #hide(kind: 'not-joined' | 'opening'): Promise<void> {
    this.#membership.value = { kind };
    this.#passkeys.value = null;
    await this.#empty();
  }

  async #leave(what: 'all' | 'reading'): Promise<void> {
    await this.#hide('not-joined');
    await this.#forget(what);
  }

  /** What cannot be removed now is removed when the app is opened next. */
  async #forget(what: 'all' | 'reading'): Promise<void> {
    this.#values.set(FORGET_KEY, what);
    try {
      await (what === 'all' ? this.stores.members.forgetAll() : this.stores.members.forgetReading());
      this.#values.remove(FORGET_KEY);
    } catch {
      // The store has told that it failed.
    }
  }

  #ownerChanged(): void {
    this.#enqueue(() => this.#startAgain());
  }

  /** In another tab somebody signed out or joined. Who it is now, the server knows. */
  async #startAgain(): Promise<void> {
    if (this.#membership.value.kind !== 'member') return;
    await this.#hide('opening');
    if (this.#isOpen) this.connection.reopen();
    else void this.sessions.renew();
  }

  /** Nothing of it is kept: after a reload the service says it again. */
  #announced(channel: string, data: unknown): void {
    const status = channel === STATUS_CHANNEL ? parseServiceStatus(data) : null;
    if (status !== null) this.#service.value = status;
    for (const watch of this.#announcementWatchers) watch(channel, data);
  }

  #socketChanged(phase: SocketPhase): void {
    this.#socket = phase;
    this.#linkChanged();
  }

  #linkChanged(): void {
    const phase = linkPhase(this.#socket, this.#place !== null);
    this.#waiting.value = phase === 'waiting' ? this.#place : null;
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#feed.phaseChanged(phase);
    this.#receipts.connectionChanged(phase === 'connected');
    for (const watch of this.#phaseWatchers) watch(phase);
  }
}

async function loadKey() {
  return import('./device_key.ts');
}

/** A ticket does not hold the name of its member. */
function withKnownName(member: Member, known: Membership): Member {
  const isSame = known.kind === 'member' && known.member.id === member.id;
  return isSame && member.name === null ? { ...member, name: known.member.name } : member;
}

function readLeftAt(values: LocalValues): number | null {
  const text = values.get(LEFT_AT_KEY);
  const time = text === null ? Number.NaN : Number(text);
  return Number.isFinite(time) ? time : null;
}
