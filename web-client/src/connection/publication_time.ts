import type { Centrifuge, PublicationContext } from 'centrifuge';

interface ContextMaker {
  _getPublicationContext?: (channel: string, publication: { readonly time?: unknown }) => PublicationContext;
}

const times = new WeakMap<PublicationContext, number>();

/**
 * The protocol carries the server's time of each publication, and the SDK drops it. Its one method that makes
 * publication contexts is wrapped to remember the time. Should a later SDK rename that method, times are just unknown.
 */
export function rememberPublicationTimes(client: Centrifuge): void {
  const maker = client as unknown as ContextMaker;
  const make = maker._getPublicationContext?.bind(client);
  if (make === undefined) return;
  maker._getPublicationContext = (channel, publication) => {
    const context = make(channel, publication);
    const time = Number(publication.time);
    if (Number.isSafeInteger(time) && time > 0) times.set(context, time);
    return context;
  };
}

export function publicationTime(context: PublicationContext): number | null {
  return times.get(context) ?? null;
}
