import type { BulletinAction } from '../../../account/bulletins.ts';
import type { SigningProblem } from '../../../model/outbox_item.ts';
import type { Bulletin } from '../../../protocol/api.gen.ts';
import type { ConsoleTrust } from './console_trust.ts';

/** Whether what is handed in here gets signed: `not-needed` where the campaign has no list of who may sign. */
export type Signs = 'can' | 'key_not_good' | 'key_not_listed' | 'no_key' | 'not-needed';

/** As far as it is known before anything is signed. Follows while rendering. */
export function signsHere(trust: ConsoleTrust | null): Signs {
  if (trust === null || trust.state.value.manifest === null) return 'not-needed';
  if (trust.ownKey.value === null) return 'no_key';
  const holder = trust.holder.value;
  if (holder === null) return 'key_not_listed';
  return typeof holder.revoked_at === 'number' ? 'key_not_good' : 'can';
}

type Prepared = { readonly action: BulletinAction } | { readonly cannot: SigningProblem };

/** A deed with the signature that goes with it. */
export async function withSignature(trust: ConsoleTrust, bulletin: Bulletin, action: BulletinAction): Promise<Prepared> {
  switch (action.kind) {
    case 'submit': {
      const signing = await trust.submit(bulletin);
      if (signing.kind === 'cannot') return { cannot: signing.why };
      return { action: signing.kind === 'signed' ? { ...action, signed: signing.with } : action };
    }
    case 'withdraw': {
      // What is wrong must not stay because a key is at home: members will see that nobody signed this.
      const signing = await trust.withdraw(bulletin);
      return { action: signing.kind === 'signed' ? { ...action, signed: signing.with } : action };
    }
    case 'approve': {
      const signing = await trust.approve(bulletin);
      if (signing.kind === 'signed') return { action: { ...action, signature: signing.with } };
      const isOwnLack = signing.kind === 'not-needed' || (isLackOfKey(signing.why) && !needsTwo(trust));
      return isOwnLack ? { action } : { cannot: signing.why };
    }
    case 'override': {
      const signing = await trust.approve(bulletin);
      if (signing.kind === 'signed') return { action: { ...action, signature: signing.with } };
      return signing.kind === 'not-needed' || isLackOfKey(signing.why) ? { action } : { cannot: signing.why };
    }
    case 'cancel':
    case 'reject':
      return { action };
  }
}

function isLackOfKey(why: SigningProblem): boolean {
  return why === 'no_key' || why === 'key_not_listed' || why === 'key_not_good';
}

function needsTwo(trust: ConsoleTrust): boolean {
  return trust.state.value.manifest?.content.two_people ?? false;
}
