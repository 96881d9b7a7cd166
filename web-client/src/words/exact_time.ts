const exactFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** `14:05:09`: where minutes are too coarse. */
export function exactTime(time: number): string {
  return exactFormat.format(time);
}
