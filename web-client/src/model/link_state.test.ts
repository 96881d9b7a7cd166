import { describe, expect, it } from 'vitest';
import { linkPhase, linkState } from './link_state.ts';

const reading = (from: number, at: number, top: number) => ({ kind: 'reading', from, at, top }) as const;

describe('the state chip', () => {
  it('is live only when every channel is at its top', () => {
    expect(linkState('connected', [reading(3, 5, 5), reading(0, 0, 0)], null)).toEqual({ kind: 'live' });
  });

  it('counts over all channels while catching up', () => {
    expect(linkState('connected', [reading(10, 14, 20), reading(0, 5, 5)], null)).toEqual({ kind: 'catching-up', done: 9, of: 15 });
  });

  it('does not claim to be live before every channel answered', () => {
    expect(linkState('connected', [reading(0, 5, 5), { kind: 'waiting' }], 7)).toEqual({ kind: 'connecting', savedAsOf: 7 });
  });

  it('is not held up by a channel that was refused', () => {
    expect(linkState('connected', [reading(0, 5, 5), { kind: 'refused' }], null)).toEqual({ kind: 'live' });
  });

  it('says that this device waits, unless it is connected or signed out', () => {
    expect(linkState('waiting', [reading(0, 1, 1)], 123)).toEqual({ kind: 'waiting', savedAsOf: 123 });
    const phases = (['connecting', 'lost', 'connected', 'signed-out'] as const).map((socket) => [linkPhase(socket, true), linkPhase(socket, false)]);
    expect(phases).toEqual([
      ['waiting', 'connecting'],
      ['waiting', 'lost'],
      ['connected', 'connected'],
      ['signed-out', 'signed-out'],
    ]);
  });

  it('says until when the saved bulletins were current', () => {
    expect(linkState('lost', [], 123)).toEqual({ kind: 'offline', savedAsOf: 123 });
    expect(linkState('connecting', [], null)).toEqual({ kind: 'connecting', savedAsOf: null });
    expect(linkState('signed-out', [reading(0, 1, 1)], 123)).toEqual({ kind: 'signed-out' });
  });
});
