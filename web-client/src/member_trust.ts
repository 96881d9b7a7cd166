import { computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import { askWhoMaySign } from './account/trust.ts';
import { fetchHttp } from './account/http.ts';
import type { MemberApp } from './member_app.ts';
import { ANCHORED_KEY, JOINED_BY_KEY } from './model/kept_keys.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { serialIn } from './protocol/parse_trust.ts';
import { openTrustStore, type TrustStore } from './storage/trust_store.ts';
import { cryptography, type Cryptography } from './trust/crypto.ts';
import { Keeper, type TrustState } from './trust/keeper.ts';
import type { TrustTools } from './views/trust/trust_tools.ts';

/** After a break in the connection the service is asked again, but no sooner. A new list is announced besides. */
const ASK_AGAIN_MS = 600_000;

export interface MemberTrust extends TrustTools {
  readonly keeper: Keeper;
  readonly store: TrustStore;
  readonly by: Cryptography;
}

/** Who may sign, and who signed what is on the noticeboard. It comes after the first load, when bulletins are read already. */
export async function openTrust(app: MemberApp, values: LocalValues): Promise<MemberTrust> {
  const by = await cryptography();
  const store = openTrustStore(app.stores);
  const state = signal<TrustState | null>(null);
  const keeper = await Keeper.open({
    store,
    by,
    ask: async () => askWhoMaySign(fetchHttp),
    now: () => systemClock.now(),
    changed: (next) => (state.value = next),
  });
  const member = computed(() => (app.membership.value.kind === 'member' ? app.membership.value.member.id : null));
  let askedAt = 0;
  const refresh = async (): Promise<void> => {
    const isAnswered = await keeper.refresh();
    askedAt = isAnswered ? systemClock.now() : 0;
  };
  effect(() => {
    const id = member.value;
    untracked(() => {
      void keeper
        .load()
        .then(async () => (id === null ? undefined : adopt()))
        .then(refresh);
    });
  });
  effect(() => {
    const { entries, link } = app.feed.value;
    const membership = app.membership.value;
    const channels = membership.kind === 'member' ? membership.channels.map(({ name }) => name) : [];
    untracked(() => keeper.read({ entries, channels, isCurrent: link.kind === 'live' }));
  });
  effect(() => {
    // Where it is known that there are signatures, the next start waits for them from the first moment.
    if (state.value?.anchor != null) values.set(ANCHORED_KEY, '1');
    else values.remove(ANCHORED_KEY);
  });
  app.onPhase((phase) => {
    if (phase === 'connected' && systemClock.now() - askedAt >= ASK_AGAIN_MS) void refresh();
  });
  app.onAnnounced((_channel, data) => {
    const serial = serialIn(data);
    if (serial !== null && serial !== keeper.state.manifest?.content.serial) void refresh();
  });
  const shown: ReadonlySignal<TrustState> = computed(() => state.value ?? keeper.state);
  return { keeper, store, by, state: shown, refresh, confirm: async () => keeper.confirm(), linkSeen: async () => keeper.linkSeen() };

  /** The word of the link by which the member came in, which is kept until it is kept for good. */
  async function adopt(): Promise<void> {
    const [fingerprint, at] = values.get(JOINED_BY_KEY)?.split(' ') ?? [];
    if (fingerprint === undefined) return;
    // Everything since then should be signed, also what was read before this was kept.
    await keeper.joinedBy(fingerprint, Number(at) || 0);
    values.remove(JOINED_BY_KEY);
  }
}
