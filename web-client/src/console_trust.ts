import { computed, effect, signal, untracked } from '@preact/signals';
import type { Api } from './account/api.ts';
import { readHeads } from './account/trust.ts';
import type { MemberApp } from './member_app.ts';
import { openTrust } from './member_trust.ts';
import { systemClock } from './platform/clock.ts';
import type { LocalValues } from './platform/local_values.ts';
import { checkedOffer } from './trust/crypto.ts';
import { isChecked } from './trust/keeper.ts';
import { nextManifest } from './trust/next_manifest.ts';
import { makeOwnKey, mayHaveKey, readOwnKey, type OwnKey } from './trust/own_key.ts';
import { Signer } from './trust/signer.ts';
import type { ConsoleTrust } from './views/console/trust/console_trust.ts';

/** Who may sign, and the key with which this browser does. */
export async function openConsoleTrust(app: MemberApp, values: LocalValues, api: Api): Promise<ConsoleTrust> {
  const trust = await openTrust(app, values);
  const { keeper, store, by, state } = trust;
  const ownKey = signal<OwnKey | null>(null);
  const readKey = async (): Promise<void> => void (ownKey.value = await readOwnKey(store));
  effect(() => {
    // Another member has another key.
    void (app.membership.value.kind === 'member' && app.membership.value.member.id);
    untracked(() => void readKey());
  });
  const signer = new Signer({
    keeper,
    by,
    key: async () => readOwnKey(store),
    heads: async (channels) => readHeads(api, channels),
    read: () => app.feed.value.entries.filter(isChecked),
    now: () => systemClock.now(),
  });
  return {
    ...trust,
    submit: async (bulletin) => signer.submit(bulletin),
    withdraw: async (bulletin) => signer.withdraw(bulletin),
    approve: async (bulletin) => signer.approve(bulletin),
    ownKey,
    holder: computed(() => state.value.manifest?.content.keys.find(({ key }) => key === ownKey.value?.publicKey) ?? null),
    mayHaveKey: async () => mayHaveKey(store),
    async makeKey() {
      await makeOwnKey(store);
      await readKey();
    },
    async removeKey() {
      await store.remove('key');
      await readKey();
    },
    check: async (value) => nextManifest(state.value.anchor?.fingerprint ?? null, state.value.manifest, await checkedOffer(by, value)),
  };
}
