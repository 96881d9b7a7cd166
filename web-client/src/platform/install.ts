/** Whether this app is on the home screen, and whether the browser offers to put it there. */
export interface Install {
  isInstalled(): boolean;
  isOffered(): boolean;
  /** Has the browser ask. `false`: it did not, or the answer was no. */
  ask(): Promise<boolean>;
}

interface InstallPrompt extends Event {
  prompt(): Promise<{ readonly outcome: string }>;
}

/** Listens from the start, because browsers offer it once and early. */
export function watchInstall(): Install {
  let offered: InstallPrompt | null = null;
  let wasInstalled = false;
  addEventListener('beforeinstallprompt', (event) => {
    // Its own bar would come when nobody asked.
    event.preventDefault();
    if ('prompt' in event) offered = event as InstallPrompt;
  });
  addEventListener('appinstalled', () => {
    wasInstalled = true;
    offered = null;
  });
  return {
    isInstalled: () => wasInstalled || isStandalone(),
    isOffered: () => offered !== null,
    async ask() {
      const prompt = offered;
      if (prompt === null) return false;
      // It can be used once.
      offered = null;
      return (await prompt.prompt()).outcome === 'accepted';
    },
  };
}

function isStandalone(): boolean {
  return ('standalone' in navigator && navigator.standalone === true) || matchMedia('(display-mode: standalone)').matches;
}
