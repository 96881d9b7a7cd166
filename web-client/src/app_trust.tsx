import type { ComponentChildren } from 'preact';
import type { MemberApp } from './member_app.ts';
import { openTrust, type MemberTrust } from './member_trust.ts';
import type { Story } from './model/story.ts';
import type { LocalValues } from './platform/local_values.ts';
import { TrustAlarm } from './views/trust/trust_alarm.tsx';
import { TrustMark } from './views/trust/trust_mark.tsx';

/** Who signed what, with what the app shows of it. */
export interface AppTrust extends MemberTrust {
  readonly mark: (story: Story, now: number, isPinned?: boolean) => ComponentChildren;
  readonly alarm: () => ComponentChildren;
}

export async function openAppTrust(app: MemberApp, values: LocalValues): Promise<AppTrust> {
  const trust = await openTrust(app, values);
  return {
    ...trust,
    mark: (story, now, isPinned = false) => <TrustMark state={trust.state.value} story={story} now={now} isPinned={isPinned} />,
    alarm: () => <TrustAlarm tools={trust} />,
  };
}
