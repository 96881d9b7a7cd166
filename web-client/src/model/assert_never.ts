/** Makes the compiler refuse a `switch` that forgets a variant. */
export function assertNever(value: never): never {
  throw new Error(`unhandled variant: ${JSON.stringify(value)}`);
}
