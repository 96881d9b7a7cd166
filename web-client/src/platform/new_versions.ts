import { trustedWorker } from './trusted_script.ts';

/** How often a page that stays open asks whether there is a new version, at most. */
const ASK_EVERY_MS = 3_600_000;

/**
 * Keeps the app for when there is no connection, and tells when a newer version has come and waits. It waits until the
 * reader wants it: `load` brings it, and loads the page anew. Only where the address is secure; nowhere else can it be.
 */
export function keepApp(found: (load: () => void) => void): void {
  if (!isSecureContext || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const offer = (registration: ServiceWorkerRegistration): void => {
    if (registration.waiting === null || serviceWorker.controller === null) return;
    found(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      registration.waiting?.postMessage('take-over');
    });
  };
  const watch = (registration: ServiceWorkerRegistration): void => {
    offer(registration);
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', () => offer(registration));
    });
    let askedAt = Date.now();
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden' || Date.now() - askedAt < ASK_EVERY_MS) return;
      askedAt = Date.now();
      registration.update().catch(() => {});
    });
  };
  // Without it the app works as long as there is a connection.
  serviceWorker.register(trustedWorker()).then(watch, () => {});
}
