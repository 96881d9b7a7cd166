import type { Position } from '../model/position.ts';
import type { ChannelHandler, HistoryAnswer, Link, ReceivedPublication } from '../sync/link.ts';

/** A connection whose server is the test. */
export class FakeLink implements Link {
  readonly followed = new Map<string, { since: Position; handler: ChannelHandler }>();
  readonly asked: { channel: string; since: Position | 'newest' | null }[] = [];
  answers: HistoryAnswer[] = [];

  follow(channel: string, since: Position, handler: ChannelHandler): () => void {
    this.followed.set(channel, { since, handler });
    return () => void this.followed.delete(channel);
  }

  async history(channel: string, since: Position | 'newest' | null): Promise<HistoryAnswer> {
    this.asked.push({ channel, since });
    return this.answers.shift() ?? { kind: 'refused', code: 108 };
  }

  handler(channel: string): ChannelHandler {
    const followed = this.followed.get(channel);
    if (followed === undefined) throw new Error(`${channel} is not followed`);
    return followed.handler;
  }
}

export function publicationOf(id: string, offset: number, postedAt: number | null = offset * 1_000): ReceivedPublication {
  return { data: bulletinData(id), isFromService: true, offset, postedAt };
}

export function bulletinData(id: string): unknown {
  return { id, kind: 'update', texts: { en: { title: `Title ${id}`, body: 'Body' } } };
}
