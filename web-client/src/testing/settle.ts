/** Lets all promises that are already due run. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, 0));
}
