/** The other tabs of this browser on this site. */
export interface OtherTabs {
  tell(message?: unknown): void;
}

/** Where the browser has no such channel, nobody is told. */
export function otherTabs(name: string, heard: (message: unknown) => void): OtherTabs {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => {} };
  const channel = new BroadcastChannel(name);
  channel.addEventListener('message', ({ data }) => heard(data));
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- A broadcast stays within its origin.
  return { tell: (message = null) => channel.postMessage(message) };
}
