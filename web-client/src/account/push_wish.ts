import { PUSH_KEY } from '../model/kept_keys.ts';
import { NO_WISH, SHOWN_OF_IT, type PushWish } from '../model/push.ts';
import type { LocalValues } from '../platform/local_values.ts';
import { isOneOf, isRecord } from '../protocol/shape.ts';

/** What a member wants of notifications on this device, and what the service was told of it last. */
export interface KeptWish {
  readonly of: string;
  readonly wish: PushWish;
  readonly told: string | null;
}

/** `null`: nobody ever wanted any here. */
export function readWish(values: LocalValues): KeptWish | null {
  try {
    const kept: unknown = JSON.parse(values.get(PUSH_KEY) ?? 'null');
    if (!isRecord(kept) || typeof kept['of'] !== 'string' || !isRecord(kept['wish'])) return null;
    const { isOn, shows, urgentBreaksQuiet } = kept['wish'];
    const wish: PushWish = {
      isOn: isOn === true,
      shows: isOneOf(SHOWN_OF_IT, shows) ? shows : NO_WISH.shows,
      urgentBreaksQuiet: urgentBreaksQuiet === true,
    };
    return { of: kept['of'], wish, told: typeof kept['told'] === 'string' ? kept['told'] : null };
  } catch {
    return null;
  }
}

export function keepWish(values: LocalValues, kept: KeptWish | null): void {
  if (kept === null) values.remove(PUSH_KEY);
  else values.set(PUSH_KEY, JSON.stringify(kept));
}
