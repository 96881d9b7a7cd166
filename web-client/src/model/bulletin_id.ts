/** Milliseconds that fit eleven hexadecimal digits: until the year 2527. */
const END_OF_TIME = 2 ** 44 - 1;
const TIME_DIGITS = 11;
const RANDOM_DIGITS = 20;

/** An id of our own for a bulletin, so that a repeat is the same one. Those of newer ones come before older ones'. */
export function newBulletinId(now: number, randomUuid: string): string {
  const left = Math.max(0, END_OF_TIME - Math.round(now));
  const random = randomUuid.replaceAll('-', '').slice(-RANDOM_DIGITS).padStart(RANDOM_DIGITS, '0');
  return `b${left.toString(16).padStart(TIME_DIGITS, '0')}${random}`;
}
