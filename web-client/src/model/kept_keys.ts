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
/** The fingerprint in the link by which this device came in, and when, until that is kept for good. */
export const JOINED_BY_KEY = 'holdfast.joined_by';
/** Whether signatures are to be expected here. */
export const ANCHORED_KEY = 'holdfast.anchored';
/** An organiser's answers, until they are sent. They go with who wrote them. */
export const ANSWERS_KEY = 'holdfast.answers';
/** Which bulletins a reader saved. */
export const SAVED_KEY = 'holdfast.saved';
/** What this device wants of notifications. It goes only once the browser has given their address back. */
export const PUSH_KEY = 'holdfast.push';
/** Whether it was offered, and its reader wants to hear no more of it. */
export const PUSH_OFFER_KEY = 'holdfast.push_offer';
