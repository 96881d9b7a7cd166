/** What a channel's name says about it. The view finds the words. */
export type ChannelSort =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'inbox' };

export function channelSort(channel: string): ChannelSort {
  if (channel.startsWith('inbox')) return { kind: 'inbox' };
  if (channel === 'bulletins:all') return { kind: 'everyone' };
  const name = channel.slice(channel.indexOf(':') + 1).replace(/^region\./, '').replaceAll(/[-_]+/g, ' ');
  return { kind: 'named', name: name.charAt(0).toUpperCase() + name.slice(1) };
}
