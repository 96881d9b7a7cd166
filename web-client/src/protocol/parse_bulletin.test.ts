import { describe, expect, it } from 'vitest';
import { parseBulletin } from './parse_bulletin.ts';

const id = `b${'0'.repeat(31)}`;
const earlier = `b${'1'.repeat(31)}`;
const file = { id: `a${'x'.repeat(22)}`, media: 'image/png', bytes: 1_000, label: { en: 'A map', fr: 'Une carte' } };
const whole = {
  id,
  kind: 'alert',
  urgency: 'urgent',
  texts: { en: { title: 'Polls', body: '**Not** at 9.' } },
  links: [{ url: 'https://example.org/a', label: { cy: 'Map' } }],
  attachments: [file],
  place: { lat: 53.2, lon: -4.1, label: 'Harbour Hall' },
  event: { from: 1_800_000_000_000, until: 1_800_000_100_000 },
  expires_at: 1_800_000_200_000,
  references: [{ id: earlier, how: 'corrects' }],
  test: false,
  later: 1,
};
const read = (change: object) => parseBulletin({ ...whole, ...change });

describe('a bulletin as the service sends it', () => {
  it('is read whole', () => {
    const { expires_at, test: _test, later: _later, ...rest } = whole;
    const label = { en: 'A map' };
    expect(parseBulletin(whole)).toEqual({ ...rest, attachments: [{ ...file, label }], expiresAt: expires_at });
  });

  it.each([
    ['links', [{ url: 'javascript:alert(1)' }]],
    ['links', [{ url: 'https://party.example@evil.example/' }]],
    ['links', [{ url: `https://example.org/${'a'.repeat(2_048)}` }]],
    ['links', 'https://example.org'],
    ['attachments', [{ ...file, id: '../v1/members' }]],
    ['attachments', [{ ...file, media: 'text/html' }]],
    ['attachments', [{ ...file, bytes: 3_000_000 }]],
    ['place', { lat: 91, lon: 0, label: 'x' }],
    ['place', { lat: 0, lon: Number.NaN, label: 'x' }],
    ['place', { lat: 0, lon: 0, label: '' }],
    ['event', { from: 'now' }],
    ['event', { from: 9e15 }],
    ['references', [{ id: 'b1', how: 'corrects' }]],
    ['references', [{ id: earlier, how: 'denies' }]],
    ['urgency', 'yesterday'],
  ])('is read without %s that are no such thing: %j', (field, value) => {
    const bulletin = read({ [field]: value });
    expect(bulletin?.texts.en?.title).toBe('Polls');
    expect(bulletin).not.toHaveProperty(field);
  });

  it('has as many of each as the service allows, and no more', () => {
    const times = (count: number, value: object): object[] => Array.from({ length: count }, () => value);
    const [link = {}, reference = {}] = [...whole.links, ...whole.references];
    const many = read({ links: times(9, link), attachments: times(5, file), references: times(10, reference) });
    expect([many?.links?.length, many?.attachments?.length, many?.references?.length]).toEqual([8, 4, 9]);
  });

  it('happens without an end where that is before its beginning', () => {
    expect(read({ event: { from: 2, until: 1 } })?.event).toEqual({ from: 2, until: null });
  });
});
