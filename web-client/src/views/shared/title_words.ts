import { textFor, type Bulletin, type Language } from '../../model/bulletin.ts';

/** What a bulletin is called, in the reader's language if it has one in it. */
export function titleWords(bulletin: Bulletin, wanted: Language): string {
  return textFor(bulletin, wanted)?.text.title ?? '';
}
