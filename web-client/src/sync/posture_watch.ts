import { parsePosture, type Posture } from '../protocol/parse_posture.ts';
import type { ChannelHandler, ReceivedPublication } from './link.ts';

/** Hears how hard pressed the service is. Nothing of it is kept: after a reload the service says it again. */
export class PostureWatch implements ChannelHandler {
  readonly #changed: (posture: Posture) => void;

  constructor(changed: (posture: Posture) => void) {
    this.#changed = changed;
  }

  publication({ data }: ReceivedPublication): void {
    const posture = parsePosture(data);
    if (posture !== null) this.#changed(posture);
  }

  subscribing(): void {}
  subscribed(): void {}
  refused(): void {}
}
