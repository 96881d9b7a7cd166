/** The app's worker asks a page that is seen whether what comes is before its reader's eyes already. */
export function answerWorker(isLive: () => boolean): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', ({ data, ports: [port] }) => {
    if (data === 'is-live') port?.postMessage(isLive());
  });
}
