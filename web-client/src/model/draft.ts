/** Under which what is on the desk is kept, beside the database, so that each keystroke is written at once. */
export const DRAFT_KEY = 'holdfast.draft';

/** The same for what members write to their teams and to the organisers. */
export const DRAFTS_KEY = 'holdfast.drafts';
