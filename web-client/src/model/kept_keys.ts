/**
 * Names under which a member's own things are kept beside the database, so that each change is written at once. They go when
 * the device gets another member.
 */

/** What members begin to write to their teams and to the organisers. */
export const DRAFTS_KEY = 'holdfast.drafts';
/** How far each team was read. */
export const READ_MARKS_KEY = 'holdfast.read';
/** What this device is quiet about. */
export const QUIET_KEY = 'holdfast.quiet';
/** An organiser's answers, until they are sent. They go with who wrote them. */
export const ANSWERS_KEY = 'holdfast.answers';
