import type { ComponentType } from 'preact';
import '../../styles/app/me.css';
import '../../styles/app/sub_page.css';
import { saveFile } from '../../platform/save_file.ts';
import { lazyPage } from '../shared/lazy_page.tsx';
import type { AppPageProps } from '../app/app_parts.ts';
import type { Desk } from '../app/desk.ts';
import type { Push } from '../app/push.ts';
import { DataView } from './data_view.tsx';
import { DevicesView } from './devices_view.tsx';
import { InstallView } from './install_view.tsx';
import { MeModel } from './me_model.ts';
import { MeView } from './me_view.tsx';
import { MoveView } from './move_view.tsx';
import { NotificationsView } from './notifications_view.tsx';
import { QuietView } from './quiet_view.tsx';
import { SignOnView } from './sign_on_view.tsx';
import { TrustView } from './trust_view.tsx';

/** `#me`, and `#me/notifications`, `/quiet`, `/devices`, `/passkeys`, `/move`, `/install`, `/trust`, `/sign-on`, `/data`. */
export function mePage(desk: Desk, push: Push): ComponentType<AppPageProps> {
  let model: MeModel | null = null;
  let of: string | null = null;
  const PasskeysPage = lazyPage(async () => {
    const [{ passkeysPage }, passkeys] = await Promise.all([import('./passkeys_page.tsx'), desk.passkeys()]);
    return passkeysPage(passkeys);
  });
  return function MePage({ parts, member, channels, path }: AppPageProps) {
    // What one member read here is not for the next one's eyes.
    if (model === null || of !== member.id) model = new MeModel({ ...parts, origin: location.origin, saveFile });
    of = member.id;
    const now = parts.now.value;
    switch (path[0]) {
      case 'notifications':
        return <NotificationsView push={push} quiet={desk.quiet.value} />;
      case 'quiet':
        return <QuietView quiet={desk.quiet.value} choose={desk.chooseQuiet} channels={channels} />;
      case 'devices':
        return <DevicesView model={model} now={now} />;
      case 'passkeys':
        return <PasskeysPage key={member.id} member={member} now={now} />;
      case 'move':
        return <MoveView model={model} now={now} fingerprint={parts.trust.value?.state.value.anchor?.fingerprint ?? null} />;
      case 'install':
        return <InstallView install={parts.install} />;
      case 'trust':
        return <TrustView tools={parts.trust.value} now={now} />;
      case 'sign-on':
        return <SignOnView api={parts.api} />;
      case 'data':
        return <DataView model={model} />;
      default:
        return <MeView model={model} parts={parts} member={member} channels={channels} quiet={desk.quiet.value} push={push} />;
    }
  };
}
