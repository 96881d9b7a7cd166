import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake_clock.ts';
import { settle } from '../testing/settle.ts';
import { Poll } from './poll.ts';

function open() {
  const clock = new FakeClock();
  const asked: number[] = [];
  const poll = new Poll({ clock, random: () => 1, everyMs: () => 3_000, ask: async () => void asked.push(clock.now()) });
  return { clock, asked, poll };
}

describe('asking again and again', () => {
  it('begins at once and goes on until it is stopped', async () => {
    const { clock, asked, poll } = open();
    poll.start();
    await settle();
    clock.advance(3_000);
    await settle();
    expect(asked.length).toBe(2);
    poll.stop();
    clock.advance(60_000);
    await settle();
    expect(asked.length).toBe(2);
    expect(clock.waiting).toBe(0);
  });

  it('rests while nobody looks, and asks when they are back', async () => {
    const { clock, asked, poll } = open();
    poll.start();
    await settle();
    poll.visibleChanged(false);
    clock.advance(60_000);
    await settle();
    expect(asked.length).toBe(1);
    poll.visibleChanged(true);
    await settle();
    expect(asked.length).toBe(2);
  });

  it('comes sooner, and once, after many hints', async () => {
    const { clock, asked, poll } = open();
    poll.start();
    poll.hint();
    await settle();
    for (let hints = 0; hints < 9; hints += 1) poll.hint();
    clock.advance(500);
    await settle();
    expect(asked.length).toBe(2);
    clock.advance(500);
    await settle();
    expect(asked.length).toBe(2);
  });

  it('never asks twice at once', async () => {
    const clock = new FakeClock();
    let asked = 0;
    let answer = (): void => {};
    const poll = new Poll({ clock, random: () => 1, everyMs: () => 3_000, ask: async () => new Promise((done) => ((asked += 1), (answer = done))) });
    poll.start();
    void poll.now();
    clock.advance(10_000);
    expect(asked).toBe(1);
    answer();
    await settle();
    clock.advance(3_000);
    expect(asked).toBe(2);
    poll.stop();
  });
});
