/** The number on the installed app's icon; 0 takes it away. Where there is none, nothing happens. */
export function showBadge(count: number): void {
  const shown = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  shown?.catch(() => {});
}
