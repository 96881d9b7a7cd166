import type { ComponentChildren } from 'preact';
import type { ApiAnswer } from '../../account/api.ts';
import type { Story } from '../../model/story.ts';

/** What a reader can do with a bulletin. Where it is only shown, as in a preview, there is none of it. */
export interface BulletinTools {
  /** Loads a file that goes with it, when the reader asks for it and never before. */
  readonly file: (attachment: string) => Promise<ApiAnswer<Blob>>;
  /** Whether the reader has said that they have seen it. Follows while rendering. */
  readonly isAcknowledged: (bulletin: string) => boolean;
  readonly acknowledge: (bulletin: string) => void;
  /** Who said it, as far as that was checked. Pinned, only what is wrong. Follows while rendering. */
  readonly mark?: (story: Story, isPinned?: boolean) => ComponentChildren;
}
