import { expect, test } from 'vitest';
import { parseSignOn, parseSignOnRefusal } from './parse_sign_on.ts';

test('a sign-on has a name, or there is none', () => {
  expect(parseSignOn({ oidc: { name: 'Campaign account' } })).toBe('Campaign account');
  for (const body of [null, {}, { oidc: null }, { oidc: {} }, { oidc: { name: '' } }, { oidc: { name: 7 } }]) expect(parseSignOn(body)).toBeNull();
});

test('a word that is not known is a refusal all the same', () => {
  expect(parseSignOnRefusal(null)).toBeNull();
  expect(parseSignOnRefusal('no_invite')).toBe('no_invite');
  expect(parseSignOnRefusal('later_word')).toBe('refused');
});
