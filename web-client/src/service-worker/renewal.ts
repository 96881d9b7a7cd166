/** A subscription, as far as it matters to its renewal. */
interface Subscribed {
  readonly options: { readonly applicationServerKey: ArrayBuffer | null };
}

/** What a browser says when it changed a device's subscription by itself. Not all of them say all of it. */
export interface Change {
  readonly oldSubscription?: Subscribed | null;
  readonly newSubscription?: Subscribed | null;
}

/**
 * The key to subscribe again with; `null`: the browser has done so itself, or does not say what it was, and the app
 * subscribes again at its next load.
 */
export function renewalKey({ oldSubscription, newSubscription }: Change): ArrayBuffer | null {
  return (newSubscription ?? null) === null ? (oldSubscription?.options.applicationServerKey ?? null) : null;
}
