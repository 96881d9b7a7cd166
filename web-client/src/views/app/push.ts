import type { ReadonlySignal } from '@preact/signals';
import type { PushWish } from '../../model/push.ts';
import type { PushSnapshot } from '../../sync/push.ts';

/** What pages show and ask of this device's notifications. */
export interface Push {
  readonly snapshot: ReadonlySignal<PushSnapshot>;
  /** Whether it is time to offer them: who has read something, and has not said what they want. */
  readonly isOffered: ReadonlySignal<boolean>;
  /** Nothing is offered any more, on this device. */
  readonly closeOffer: () => void;
  readonly look: () => Promise<void>;
  /** Only on a click: the browser may ask. */
  readonly turnOn: () => Promise<void>;
  readonly turnOff: () => Promise<void>;
  readonly choose: (chosen: Partial<PushWish>) => Promise<void>;
}
