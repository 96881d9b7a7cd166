import { describe, expect, it } from 'vitest';
import { isNews } from './waiting.ts';

const after = (seconds: number) => ({ position: 9, waitMs: seconds * 1_000 });

describe('what is read out of a waiting room', () => {
  it('is the first answer, and then half or double the wait', () => {
    expect(isNews(null, after(400))).toBe(true);
    expect(isNews(after(400), after(201))).toBe(false);
    expect(isNews(after(400), after(200))).toBe(true);
    expect(isNews(after(400), after(799))).toBe(false);
    expect(isNews(after(400), after(800))).toBe(true);
  });

  it('is never the same words again', () => {
    expect(isNews(after(59), after(9))).toBe(false);
    expect(isNews(after(3_600), after(7_200))).toBe(false);
  });

  it('is little in an hour, whatever the figures do', () => {
    let told = after(3_600);
    let count = 0;
    for (let n = 0; n < 180; n += 1) {
      const next = after(3_600 - n * 20 + (n % 2) * 50);
      if (!isNews(told, next)) continue;
      told = next;
      count += 1;
    }
    expect(count).toBeLessThanOrEqual(8);
  });
});
