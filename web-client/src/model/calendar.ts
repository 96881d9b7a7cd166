import { textFor, type Bulletin, type Language } from './bulletin.ts';
import { markdown, plainText } from './markdown.ts';

/** Longest line of a calendar file, in octets (RFC 5545 §3.1). */
const MAX_LINE_OCTETS = 75;

/** The event of a bulletin as a file that calendars take (RFC 5545). The bulletin's id makes a repeat the same event. */
export function calendarFile(bulletin: Bulletin, language: Language, now: number): string {
  const { id, event, place } = bulletin;
  const text = textFor(bulletin, language)?.text;
  if (event === undefined || text === undefined) return '';
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Holdfast//Bulletins//EN',
    'BEGIN:VEVENT',
    `UID:${escaped(id)}@holdfast`,
    `DTSTAMP:${instant(now)}`,
    `DTSTART:${instant(event.from)}`,
    ...(event.until === null ? [] : [`DTEND:${instant(event.until)}`]),
    `SUMMARY:${escaped(text.title)}`,
    `DESCRIPTION:${escaped(plainText(markdown(text.body)))}`,
    ...(place === undefined ? [] : [`LOCATION:${escaped(place.label)}`, `GEO:${place.lat};${place.lon}`]),
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** In UTC, to the second. */
function instant(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** TEXT of RFC 5545 §3.3.11. Control characters have no place in it. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\;,]/g, '\\$&')
    .replaceAll(/\r?\n/g, '\\n')
    .replaceAll(/\p{Cc}/gu, '');
}

/** Breaks between characters, never within one. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let octets = 0;
  let out = '';
  for (const char of line) {
    const more = encoder.encode(char).length;
    if (octets + more > MAX_LINE_OCTETS) {
      out += '\r\n ';
      octets = 1;
    }
    out += char;
    octets += more;
  }
  return out;
}
