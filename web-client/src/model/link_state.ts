/** What the reader is told about the connection. It never claims more than is known. */
export type LinkState =
  | { readonly kind: 'connecting'; readonly savedAsOf: number | null }
  | { readonly kind: 'catching-up'; readonly done: number; readonly of: number }
  | { readonly kind: 'live' }
  | { readonly kind: 'offline'; readonly savedAsOf: number | null }
  /** In the waiting room; others come in first. */
  | { readonly kind: 'waiting'; readonly savedAsOf: number | null }
  | { readonly kind: 'signed-out' };

/** What the socket is doing. `lost`: an attempt failed and the next one is waiting. */
export type SocketPhase = 'connecting' | 'connected' | 'lost' | 'signed-out';

/** The same as far as it matters to a reader. `waiting`: there is no attempt before it is our turn. */
export type LinkPhase = SocketPhase | 'waiting';

/** Whoever is connected is connected, also when their ticket is not renewed at once. */
export function linkPhase(socket: SocketPhase, isWaiting: boolean): LinkPhase {
  return isWaiting && (socket === 'connecting' || socket === 'lost') ? 'waiting' : socket;
}

/** How far one followed channel is. `refused` is a channel that this member may not read after all. */
export type ChannelProgress =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly from: number; readonly at: number; readonly top: number }
  | { readonly kind: 'refused' };

export function linkState(phase: LinkPhase, channels: readonly ChannelProgress[], savedAsOf: number | null): LinkState {
  switch (phase) {
    case 'signed-out':
      return { kind: 'signed-out' };
    case 'lost':
      return { kind: 'offline', savedAsOf };
    case 'connecting':
      return { kind: 'connecting', savedAsOf };
    case 'waiting':
      return { kind: 'waiting', savedAsOf };
    case 'connected':
      return whileConnected(channels, savedAsOf);
  }
}

function whileConnected(channels: readonly ChannelProgress[], savedAsOf: number | null): LinkState {
  let done = 0;
  let of = 0;
  let behind = false;
  for (const channel of channels) {
    if (channel.kind === 'waiting') return { kind: 'connecting', savedAsOf };
    if (channel.kind === 'refused') continue;
    done += Math.max(0, Math.min(channel.at, channel.top) - channel.from);
    of += Math.max(0, channel.top - channel.from);
    behind ||= channel.at < channel.top;
  }
  return behind ? { kind: 'catching-up', done, of } : { kind: 'live' };
}
