import { computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Api } from './account/api.ts';
import { PushAccount } from './account/push.ts';
import { keepWish, readWish } from './account/push_wish.ts';
import type { MemberApp } from './member_app.ts';
import { PUSH_OFFER_KEY } from './model/kept_keys.ts';
import { NO_WISH } from './model/push.ts';
import type { Quiet } from './model/quiet.ts';
import { systemClock } from './platform/clock.ts';
import type { Install } from './platform/install.ts';
import type { LocalValues } from './platform/local_values.ts';
import { browserPush } from './platform/push.ts';
import { answerWorker } from './platform/worker_questions.ts';
import { PushSync, type PushSnapshot } from './sync/push.ts';
import { appRouteFromHash } from './views/app/app_page.ts';
import type { Push } from './views/app/push.ts';
import { language } from './words/translator.ts';

export interface PushParts {
  readonly app: MemberApp;
  readonly api: Api;
  readonly values: LocalValues;
  readonly quiet: ReadonlySignal<Quiet>;
  readonly install: Install;
  /** Whoever opens the app again has read something in it before. */
  readonly hasComeBack: boolean;
}

/** What this device is sent while the app is closed. It comes after the first load. */
export function openPush({ app, api, values, quiet, install, hasComeBack }: PushParts): Push {
  const isOfferOpen = signal(values.get(PUSH_OFFER_KEY) === null);
  const snapshot = signal<PushSnapshot>({ state: { kind: 'none' }, wish: NO_WISH, isWorking: false });
  const browser = browserPush(() => install.isInstalled());
  const sync = new PushSync({
    account: new PushAccount(api),
    browser,
    clock: systemClock,
    random: Math.random,
    kept: () => readWish(values),
    keep: (kept) => keepWish(values, kept),
    reader: () => ({ language: language.value, quiet: quiet.value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    isOffering: () => isOfferOpen.value,
    changed: (now) => (snapshot.value = now),
  });
  // While the app opens it is not known whose this device is.
  const member = computed(() => {
    const membership = app.membership.value;
    return membership.kind === 'opening' ? undefined : membership.kind === 'member' ? membership.member.id : null;
  });
  effect(() => {
    const id = member.value;
    if (id !== undefined) untracked(() => sync.memberChanged(id));
  });
  effect(() => {
    void [language.value, quiet.value];
    untracked(() => sync.readerChanged());
  });
  effect(() => {
    const seen = app.acknowledged.value;
    if (browser.ability() === 'granted') void browser.tidy((address) => seen.has(appRouteFromHash(new URL(address).hash).path[0] ?? ''));
  });
  app.onPhase((phase) => sync.connectionChanged(phase === 'connected'));
  sync.connectionChanged(app.phase === 'connected');
  answerWorker(() => app.feed.value.link.kind === 'live' && document.visibilityState === 'visible');

  const hasRead = computed(() => app.acknowledged.value.size > 0 || (hasComeBack && app.feed.value.entries.length > 0));
  return {
    snapshot,
    isOffered: computed(() => isOfferOpen.value && hasRead.value && snapshot.value.state.kind === 'off'),
    closeOffer() {
      isOfferOpen.value = false;
      values.set(PUSH_OFFER_KEY, 'closed');
    },
    look: () => sync.look(),
    turnOn: () => sync.turnOn(),
    turnOff: () => sync.turnOff(),
    choose: (chosen) => sync.choose(chosen),
  };
}
