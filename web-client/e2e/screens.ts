import type { Language } from '../src/model/bulletin.ts';
import type { Viewport } from './test.ts';

export type Theme = 'contrast' | 'dark' | 'light';
export type Entry = 'app' | 'console' | 'stranger';

/** What everybody who looks at a screen should find right. Add yours here, and `quality.spec.ts` looks at it. */
export interface Screen {
  /** In names of pictures, and of what was found wrong. */
  readonly name: string;
  /** Who looks: a member, an admin, or somebody who has not joined. */
  readonly entry: Entry;
  /** The hash of a page of an entry; for strangers a path. `{incident}` stands for the record that the test opened. */
  readonly address: string;
  /** What is there once the screen is. Every screen has a heading; some have more to wait for. */
  readonly ready?: string;
  /** What a picture is kept of, beside the usual ones. */
  readonly pictures?: readonly `${Language}-${Theme}`[];
}

/** How wide each entry is looked at: as most people have it. */
export const VIEWPORT_OF: Readonly<Record<Entry, Viewport>> = { app: 'phone', console: 'desktop', stranger: 'phone' };

/** Of every screen one picture in each language and in either light; others would only repeat them. */
export const USUAL_PICTURES: readonly string[] = ['en-light', 'cy-dark'];

export const SCREENS: readonly Screen[] = [
  { name: 'feed', entry: 'app', address: '#bulletins', ready: '[role=log] article', pictures: ['cy-light', 'en-dark', 'en-contrast'] },
  { name: 'search', entry: 'app', address: '#bulletins/search', ready: 'input[type=search]' },
  { name: 'teams', entry: 'app', address: '#teams', ready: 'main' },
  { name: 'inbox', entry: 'app', address: '#inbox', ready: 'main' },
  { name: 'me', entry: 'app', address: '#me', ready: 'main' },
  { name: 'me-notifications', entry: 'app', address: '#me/notifications', ready: 'main .button' },
  { name: 'me-quiet', entry: 'app', address: '#me/quiet' },
  { name: 'me-devices', entry: 'app', address: '#me/devices' },
  { name: 'me-move', entry: 'app', address: '#me/move' },
  { name: 'me-install', entry: 'app', address: '#me/install' },
  { name: 'me-data', entry: 'app', address: '#me/data' },
  { name: 'me-trust', entry: 'app', address: '#me/trust' },
  { name: 'compose', entry: 'console', address: '#compose', pictures: ['cy-light'] },
  { name: 'bulletins', entry: 'console', address: '#bulletins', ready: 'main' },
  { name: 'statistics', entry: 'console', address: '#bulletins/statistics', ready: 'table' },
  { name: 'invites', entry: 'console', address: '#people/invites', ready: 'main' },
  { name: 'members', entry: 'console', address: '#people/members' },
  { name: 'import', entry: 'console', address: '#people/import' },
  { name: 'teams', entry: 'console', address: '#people/teams' },
  { name: 'inbox', entry: 'console', address: '#inbox', ready: 'main' },
  { name: 'watch', entry: 'console', address: '#watch', ready: '.situation', pictures: ['cy-light', 'en-dark'] },
  { name: 'audit', entry: 'console', address: '#audit', ready: '.log-line' },
  { name: 'incidents', entry: 'console', address: '#incidents', ready: '.row-link' },
  { name: 'incident', entry: 'console', address: '#incidents/{incident}', ready: '.log-line' },
  { name: 'account', entry: 'console', address: '#account', ready: '.account li' },
  { name: 'recover', entry: 'stranger', address: '/console#recover/ABCD-EFGH', ready: 'button.button' },
  { name: 'trust', entry: 'console', address: '#trust', ready: '.trust-page .panel' },
  { name: 'not-joined', entry: 'stranger', address: '/' },
  { name: 'sign-on-refused', entry: 'stranger', address: '/join?sign_on=no_invite' },
  { name: 'join', entry: 'stranger', address: '/join#nothing', ready: 'button' },
];
