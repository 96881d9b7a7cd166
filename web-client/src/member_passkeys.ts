import { Api } from './account/api.ts';
import { Passkeys } from './account/passkeys.ts';
import type { MemberApp } from './member_app.ts';
import { systemClock } from './platform/clock.ts';
import { WebAuthn } from './platform/web_authn.ts';
import type { AppPasskeys } from './views/app/desk.ts';

/** An activist's passkeys. They bind the device to no key: whoever loses them goes on as before. */
export function openPasskeys(app: MemberApp): AppPasskeys {
  const own = new Passkeys({
    http: app.http,
    api: new Api(app.http, app.sessions),
    ceremonies: async () => new WebAuthn(systemClock),
    keys: null,
  });
  return { own, confirmed: (session) => app.sessions.adopt(session) };
}
