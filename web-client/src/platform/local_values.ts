/** Small values that must be written at once, even while the page is closing. */
export interface LocalValues {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

/** `localStorage`, or the page's own memory where the browser forbids it. */
export function localValues(): LocalValues {
  const memory = new Map<string, string>();
  return {
    get: (key) => attempt(() => localStorage.getItem(key), () => memory.get(key) ?? null),
    set: (key, value) => attempt(() => localStorage.setItem(key, value), () => void memory.set(key, value)),
    remove: (key) => attempt(() => localStorage.removeItem(key), () => void memory.delete(key)),
  };
}

function attempt<T>(stored: () => T, kept: () => T): T {
  try {
    return stored();
  } catch {
    return kept();
  }
}
