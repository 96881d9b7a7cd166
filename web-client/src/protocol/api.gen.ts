// Made by scripts/api/generate.mjs from docs/openapi.json; not to be changed by hand.
// contract 44d140586d78966e9498266ef408e7e8bad70cf2f088d9d4d5c74793e742c232
import * as v from 'valibot';

/**
 * What a program may say; nothing at all will do.
 */
export const AdmitRequest = v.object({
  place: v.nullish(v.string())
});

/**
 * An attachment: random, and says nothing.
 */
export const AttachmentId = v.pipe(v.string(), v.minLength(1), v.maxLength(23), v.regex(/^a[A-Za-z0-9_-]{22}$/));

/**
 * What somebody did. There may be further ones.
 */
export const AuditAction = v.picklist([
  'account.linked',
  'account.unlinked',
  'audit.began',
  'audit.ended',
  'audit.lapsed',
  'budget.exceeded',
  'bulletin.approved',
  'bulletin.cancelled',
  'bulletin.edited',
  'bulletin.overridden',
  'bulletin.rejected',
  'bulletin.submitted',
  'bulletin.withdrawn',
  'device.added',
  'device.signed_out',
  'device.stolen',
  'export.made',
  'head.signed',
  'import.done',
  'incident.noted',
  'invite.created',
  'invite.revoked',
  'member.edited',
  'member.erased',
  'member.left',
  'member.signed_out',
  'passkey.cloned',
  'passkey.recovered',
  'passkey.recovery_made',
  'passkey.registered',
  'passkey.removed',
  'posture.cleared',
  'posture.ordered',
  'retention.removed',
  'statement.cleared',
  'statement.said',
  'trust.changed'
]);

/**
 * Where a page of the audit begins: what an answer calls `next`.
 */
export const AuditCursor = v.pipe(v.string(), v.minLength(1), v.maxLength(80), v.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}\.[0-9]+\.[0-9]+\.[A-Za-z0-9_-]{22}$/));

/**
 * A bulletin. Ids of newer ones come before those of older ones.
 */
export const BulletinId = v.pipe(v.string(), v.minLength(1), v.maxLength(32), v.regex(/^b[0-9a-f]{31}$/));

/**
 * A correction that is begun.
 */
export const BulletinCorrection = v.object({
  id: v.optional(BulletinId)
});

/**
 * Somewhere to go on.
 */
export const BulletinLink = v.object({
  label: v.optional(v.record(v.string(), v.pipe(v.string(), v.minLength(1), v.maxLength(200)))),
  url: v.pipe(v.string(), v.minLength(1), v.maxLength(2048))
});

/**
 * A spot on the map: WGS 84, degrees.
 */
export const BulletinPlace = v.object({
  label: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  lat: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  lon: v.pipe(v.number(), v.minValue(-180), v.maxValue(180))
});

/**
 * What has become of a bulletin.
 */
export const BulletinState = v.picklist([
  'awaiting_approval',
  'cancelled',
  'corrected',
  'draft',
  'expired',
  'scheduled',
  'sending',
  'sent',
  'withdrawn'
]);

/**
 * A text in one language.
 */
export const BulletinText = v.object({
  body: v.pipe(v.string(), v.maxLength(5000)),
  title: v.pipe(v.string(), v.minLength(1), v.maxLength(200))
});

/**
 * A chain of the audit: random, and says nothing.
 */
export const ChainId = v.pipe(v.string(), v.minLength(1), v.maxLength(22), v.regex(/^[A-Za-z0-9_-]{22}$/));

/**
 * The name of a channel.
 */
export const ChannelName = v.pipe(v.string(), v.minLength(1), v.maxLength(255), v.regex(/^[A-Za-z0-9._:#@-]+$/));

/**
 * A channel that a member reads.
 */
export const Channel = v.object({
  may_post: v.boolean(),
  name: ChannelName
});

/**
 * A conversation: whose, and about which bulletin, or `general`, or `complaint`.
 */
export const ConversationId = v.pipe(v.string(), v.minLength(1), v.maxLength(97), v.regex(/^[A-Za-z0-9._@-]+~(general|complaint|b[0-9a-f]{31})$/));

/**
 * What kind of conversation.
 */
export const ConversationKind = v.picklist(['complaint', 'reply']);

/**
 * Whether organisers have something to do in a conversation.
 */
export const ConversationState = v.picklist(['closed', 'open']);

/**
 * Whether there is something to do.
 */
export const ConversationStateChange = v.object({
  state: ConversationState
});

/**
 * Where a page begins: what an answer calls `next`.
 */
export const Cursor = v.pipe(v.string(), v.minLength(1), v.maxLength(172), v.regex(/^[A-Za-z0-9_-]+$/));

/**
 * A device, as the service calls it.
 */
export const DeviceId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[A-Za-z0-9._@-]+$/));

/**
 * A file as it is.
 */
export const File_ = v.string();

/**
 * By what people know a root key: the SHA-256 of its public key, as base64url.
 */
export const Fingerprint = v.pipe(v.string(), v.minLength(1), v.maxLength(43), v.regex(/^[A-Za-z0-9_-]{43}$/));

/**
 * A SHA-256, as hexadecimal digits.
 */
export const Hash = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[0-9a-f]{64}$/));

/**
 * How many a bulletin is for, and how many members there are.
 */
export const HeadCount = v.object({
  audience: v.pipe(v.number(), v.integer(), v.minValue(0)),
  members: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * An incident: when its record was opened, UTC.
 */
export const IncidentId = v.pipe(v.string(), v.minLength(1), v.maxLength(30), v.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z(\.[0-9]{1,9})?$/));

/**
 * Words for the record of an incident.
 */
export const IncidentNote = v.object({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(4096)),
  to: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64)))
});

/**
 * What one class of those who asked offered in all, and what became of it.
 */
export const IncidentTotal = v.object({
  admitted: v.pipe(v.number(), v.integer(), v.minValue(0)),
  class: v.string(),
  delayed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  offered: v.pipe(v.number(), v.integer(), v.minValue(0)),
  refused: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * An invite, as the service calls it: the hash of what its link carries.
 */
export const InviteId = v.pipe(v.string(), v.minLength(1), v.maxLength(43), v.regex(/^[A-Za-z0-9_-]{43}$/));

/**
 * What a link carries, and the client's own word for this try.
 */
export const InviteRedemption = v.object({
  attempt: v.pipe(v.string(), v.minLength(16), v.maxLength(64)),
  token: v.string()
});

/**
 * What sort of bulletin. `cancel` is made by withdrawing only.
 */
export const Kind = v.picklist([
  'alert',
  'update',
  'test',
  'cancel'
]);

/**
 * The name of a region or a team.
 */
export const Label = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[A-Za-z0-9._-]+$/));

/**
 * One line, at least one character of which can be read.
 */
export const Line = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/**
 * Where a browser goes now.
 */
export const LinkBegun = v.object({
  url: v.string()
});

/**
 * Which page to come back to.
 */
export const LinkRequest = v.object({
  return: v.nullish(v.string())
});

/**
 * A time on somebody's wall.
 */
export const LocalTime = v.object({
  local: v.pipe(v.string(), v.regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$/)),
  zone: v.string()
});

/**
 * What is kept now.
 */
export const ManifestKept = v.object({
  fingerprint: Fingerprint,
  serial: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * What an attachment is (RFC 6838).
 */
export const Media = v.picklist([
  'image/jpeg',
  'application/pdf',
  'image/png'
]);

/**
 * What was attached, as a bulletin says it.
 */
export const Attachment = v.object({
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  id: AttachmentId,
  media: Media
});

/**
 * A file that goes with a bulletin, as the answer to attaching it described it.
 */
export const BulletinAttachment = v.object({
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  id: AttachmentId,
  label: v.optional(v.record(v.string(), v.pipe(v.string(), v.minLength(1), v.maxLength(200)))),
  media: Media
});

/**
 * A member, as the service calls them: random, and says nothing.
 */
export const MemberId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^[A-Za-z0-9._@-]+$/));

/**
 * Who is to see to a conversation.
 */
export const Assignment = v.object({
  member: v.nullable(MemberId)
});

/**
 * Who did it: a member, an operator of the machine, or the service by itself.
 */
export const AuditActor = v.union([
  v.object({
    member: MemberId
  }),
  v.object({
    operator: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0)))
  }),
  v.picklist(['system'])
]);

export const AwaitingMember = v.object({
  id: MemberId
});

/**
 * Milliseconds since 1970-01-01 UTC.
 */
export const Milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0));

/**
 * One thing that was done, as it is chained.
 */
export const AuditEntry = v.object({
  about: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  action: AuditAction,
  after: v.optional(v.unknown()),
  at: Milliseconds,
  before: v.optional(v.unknown()),
  chain: ChainId,
  hash: Hash,
  previous: Hash,
  seq: v.pipe(v.number(), v.integer(), v.minValue(1)),
  who: AuditActor
});

/**
 * Where a chain ends, signed.
 */
export const AuditHead = v.object({
  at: Milliseconds,
  chain: ChainId,
  hash: Hash,
  lines: v.pipe(v.number(), v.integer(), v.minValue(0)),
  public_key: v.string(),
  signature: v.string()
});

/**
 * A page of the audit, the latest first.
 */
export const AuditList = v.object({
  entries: v.array(AuditEntry),
  next: v.optional(AuditCursor)
});

/**
 * A chain, as far as it was looked at.
 */
export const AuditVerifiedChain = v.object({
  chain: ChainId,
  first: v.pipe(v.number(), v.integer(), v.minValue(0)),
  hash: Hash,
  heads: v.pipe(v.number(), v.integer(), v.minValue(0)),
  is_own: v.boolean(),
  lines: v.pipe(v.number(), v.integer(), v.minValue(0)),
  since: Milliseconds,
  until: Milliseconds
});

/**
 * What came of a check.
 */
export const AuditVerification = v.object({
  at: Milliseconds,
  chains: v.array(AuditVerifiedChain),
  finding: v.nullish(v.string()),
  findings: v.pipe(v.number(), v.integer(), v.minValue(0)),
  is_all: v.boolean(),
  is_whole: v.boolean()
});

/**
 * When something happens.
 */
export const BulletinEvent = v.object({
  from: Milliseconds,
  until: v.optional(Milliseconds)
});

/**
 * When it goes: a time on somebody's wall, and as what it was understood.
 */
export const BulletinSendAt = v.object({
  at_ms: Milliseconds,
  local: v.string(),
  shown: v.string(),
  zone: v.string()
});

/**
 * Who took it back, and when.
 */
export const BulletinWithdrawn = v.object({
  at_ms: Milliseconds,
  by: MemberId
});

/**
 * A device that a member signed in on.
 */
export const Device = v.object({
  id: DeviceId,
  seen_ms: Milliseconds,
  since_ms: Milliseconds,
  stolen: v.boolean(),
  this: v.boolean()
});

/**
 * A member's devices, the oldest first.
 */
export const DeviceList = v.object({
  devices: v.array(Device)
});

/**
 * A line of a record.
 */
export const IncidentLine = v.object({
  at_ms: Milliseconds,
  data: v.optional(v.record(v.string(), v.unknown())),
  kind: v.string(),
  seq: v.pipe(v.number(), v.integer(), v.minValue(1))
});

/**
 * That words are in a record.
 */
export const IncidentNoted = v.object({
  at_ms: Milliseconds
});

/**
 * A new invite. Its link is said this once.
 */
export const InviteCreated = v.object({
  expires_at_ms: Milliseconds,
  id: InviteId,
  link: v.string(),
  max_uses: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * What somebody wants to be called: at most 128 bytes without control characters. An empty one takes the name away.
 */
export const Name = v.pipe(v.string(), v.maxLength(128));

/**
 * How many people it takes.
 */
export const Needs = v.picklist(['one_person', 'two_people']);

/**
 * A page of those whom a bulletin did not reach.
 */
export const NotReachedList = v.object({
  members: v.array(MemberId),
  next: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  total: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * A sign-on.
 */
export const OidcSignOn = v.object({
  name: v.string()
});

/**
 * A device that they signed in on.
 */
export const OwnDataDevice = v.object({
  id: DeviceId,
  seen_ms: Milliseconds,
  since_ms: Milliseconds,
  stolen: v.boolean()
});

/**
 * What is kept of a member that is in no record of theirs.
 */
export const OwnDataElsewhere = v.object({
  how: v.string(),
  what: v.string()
});

/**
 * What members may change of themselves.
 */
export const OwnEdit = v.object({
  name: Name
});

/**
 * `none`; `came`: one came in by it, and it says what one may; `linked`: one linked it, and it signs one in, no more.
 */
export const OwnSignOnAccount = v.picklist([
  'none',
  'came',
  'linked'
]);

/**
 * What one's account at the sign-on is to one.
 */
export const OwnSignOn = v.object({
  account: OwnSignOnAccount
});

/**
 * How many entries a page has at most; more than 200 are 200.
 */
export const PageSize = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200));

/**
 * What a browser's ceremony came to.
 */
export const PasskeyCeremonyEnd = v.object({
  credential: v.record(v.string(), v.unknown()),
  device_key: v.optional(v.record(v.string(), v.unknown()))
});

/**
 * A ceremony of a passkey: who has this word ends it.
 */
export const PasskeyCeremonyId = v.pipe(v.string(), v.minLength(1), v.maxLength(43), v.regex(/^[A-Za-z0-9_-]{43}$/));

/**
 * A ceremony that was begun.
 */
export const PasskeyCeremony = v.object({
  id: PasskeyCeremonyId,
  options: v.record(v.string(), v.unknown())
});

/**
 * A passkey, as the service calls it: random, and says nothing.
 */
export const PasskeyId = v.pipe(v.string(), v.minLength(1), v.maxLength(22), v.regex(/^[A-Za-z0-9_-]{22}$/));

/**
 * A passkey.
 */
export const Passkey = v.object({
  created_at_ms: Milliseconds,
  id: PasskeyId,
  last_used_at_ms: v.nullish(Milliseconds),
  name: v.string()
});

/**
 * A member's passkeys, the oldest first.
 */
export const PasskeyList = v.object({
  passkeys: v.array(Passkey)
});

/**
 * What a passkey is shown for.
 */
export const PasskeyPurpose = v.picklist(['sign_in', 'step_up']);

/**
 * What a passkey is shown for. It does the same either way.
 */
export const PasskeyAssertion = v.object({
  purpose: PasskeyPurpose
});

/**
 * A code, and the link that carries it. Both are said this once.
 */
export const PasskeyRecovery = v.object({
  code: v.string(),
  expires_at_ms: Milliseconds,
  link: v.string()
});

/**
 * What a passkey is to be called, and a code of somebody who lost theirs.
 */
export const PasskeyRegistration = v.object({
  code: v.nullish(v.string()),
  name: Name
});

/**
 * How a device stands with its member's passkeys.
 */
export const PasskeyStanding = v.object({
  confirmed_until_ms: v.nullish(Milliseconds),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  is_bound: v.boolean(),
  required: v.boolean(),
  stepped_up_until_ms: v.nullish(Milliseconds)
});

/**
 * How hard pressed the service is.
 */
export const PostureName = v.picklist([
  'normal',
  'elevated',
  'under_attack',
  'survival'
]);

/**
 * A record of an attack, which one node keeps.
 */
export const IncidentListed = v.object({
  closed_ms: v.optional(Milliseconds),
  id: IncidentId,
  is_here: v.boolean(),
  is_intact: v.boolean(),
  lines: v.pipe(v.number(), v.integer(), v.minValue(0)),
  node: v.string(),
  opened_ms: Milliseconds,
  why: v.string(),
  worst: PostureName
});

/**
 * The records of all nodes that answer, the latest first: at most 100.
 */
export const IncidentList = v.object({
  incidents: v.array(IncidentListed),
  is_complete: v.boolean()
});

/**
 * What all lines of a record come to.
 */
export const IncidentSummary = v.object({
  accepted: v.pipe(v.number(), v.integer(), v.minValue(0)),
  affected_seconds: v.pipe(v.number(), v.integer(), v.minValue(0)),
  closed_ms: v.optional(Milliseconds),
  delivered: v.pipe(v.number(), v.integer(), v.minValue(0)),
  head: Hash,
  is_intact: v.boolean(),
  last_ms: Milliseconds,
  lines: v.pipe(v.number(), v.integer(), v.minValue(0)),
  members_affected_max: v.pipe(v.number(), v.integer(), v.minValue(0)),
  members_affected_min: v.pipe(v.number(), v.integer(), v.minValue(0)),
  opened_ms: Milliseconds,
  pending: v.pipe(v.number(), v.integer(), v.minValue(0)),
  pressed_since_ms: Milliseconds,
  totals: v.array(IncidentTotal),
  worst: PostureName
});

/**
 * A record of an attack: what it comes to, and a page of its lines, the first of them first.
 */
export const Incident = v.object({
  id: IncidentId,
  lines: v.array(IncidentLine),
  next: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  node: v.nullish(v.string()),
  summary: IncidentSummary
});

/**
 * An order: a posture, for a time.
 */
export const PostureOrder = v.object({
  expires_in_s: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86400))),
  posture: PostureName,
  why: v.pipe(v.string(), v.minLength(1), v.maxLength(500))
});

/**
 * An order that holds.
 */
export const PostureOrderGiven = v.object({
  posture: PostureName,
  since: Milliseconds,
  until: Milliseconds,
  who: v.string(),
  why: v.string()
});

/**
 * The stable word of a problem. There may be further ones.
 */
export const ProblemCode = v.picklist([
  'account_kept',
  'account_linked',
  'attachment',
  'attachment_unknown',
  'audience_of_correction',
  'awaiting_approval',
  'bad_manifest',
  'bad_request',
  'bulletin_content',
  'bulletin_expired',
  'bulletin_state',
  'bulletin_unknown',
  'ceremony_unknown',
  'changed_meanwhile',
  'complaint_unanswered',
  'conversation_unknown',
  'credential_cloned',
  'credential_refused',
  'device_stolen',
  'forbidden',
  'foreign_origin',
  'id_reused',
  'idempotency_key_in_use',
  'idempotency_key_reused',
  'incident_elsewhere',
  'internal',
  'invite_expired',
  'invite_revoked',
  'invite_unknown',
  'invite_used_up',
  'language_missing',
  'last_admin',
  'last_passkey',
  'member_unknown',
  'no_manifest',
  'no_passkey',
  'not_found',
  'old_manifest',
  'other_root',
  'own_bulletin',
  'own_recovery',
  'own_rights',
  'passkey_unknown',
  'precondition_required',
  'proof_needed',
  'push_endpoint_refused',
  'push_keys',
  'push_off',
  'recovery_unknown',
  'registration_closed',
  'signature_needed',
  'signature_refused',
  'statement_differs',
  'statement_too_large',
  'step_up_needed',
  'too_many_authors',
  'too_many_conversations',
  'too_many_members',
  'too_many_passkeys',
  'too_many_requests',
  'too_many_unanswered',
  'too_slow',
  'transfer_unknown',
  'unauthorized',
  'unavailable',
  'waiting'
]);

/**
 * What went wrong (RFC 9457). Further members may be added.
 */
export const Problem = v.object({
  code: ProblemCode,
  detail: v.string(),
  status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
  title: v.string(),
  type: v.string()
});

/**
 * An Ed25519 public key (RFC 8032), as base64url.
 */
export const PublicKey = v.pipe(v.string(), v.minLength(1), v.maxLength(43), v.regex(/^[A-Za-z0-9_-]{43}$/));

/**
 * The keys of a push subscription (RFC 8291), base64url.
 */
export const PushKeys = v.object({
  auth: v.pipe(v.string(), v.maxLength(32)),
  p256dh: v.pipe(v.string(), v.maxLength(130))
});

/**
 * A language that notifications speak.
 */
export const PushLanguage = v.picklist(['en', 'cy']);

/**
 * Hours of each day in which nothing is shown; it is shown afterwards.
 */
export const PushQuiet = v.object({
  from: v.pipe(v.string(), v.regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)),
  until: v.pipe(v.string(), v.regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/)),
  zone: v.pipe(v.string(), v.maxLength(64))
});

/**
 * What a device showed.
 */
export const PushShown = v.object({
  token: v.pipe(v.string(), v.maxLength(128))
});

/**
 * How much a locked screen says.
 */
export const PushShows = v.picklist(['nothing', 'title']);

/**
 * What a device is to be sent.
 */
export const PushChoice = v.object({
  language: PushLanguage,
  muted: v.optional(v.pipe(v.array(ChannelName), v.maxLength(128))),
  quiet: v.nullish(PushQuiet),
  shows: v.optional(PushShows),
  urgent_breaks_quiet: v.optional(v.boolean())
});

/**
 * Where a device is reached while it sleeps. Its keys are the device's own and are not shown.
 */
export const OwnDataNotifications = v.object({
  choice: PushChoice,
  device: DeviceId,
  endpoint: v.string(),
  since_ms: Milliseconds
});

/**
 * How notifications are, for the device that asks.
 */
export const Push = v.object({
  choice: v.nullish(PushChoice),
  public_key: v.nullish(v.string()),
  subscribed: v.boolean()
});

/**
 * Where a device is reached, as its browser says it, and what it is to be sent.
 */
export const PushSubscription = v.object({
  choice: PushChoice,
  endpoint: v.pipe(v.string(), v.maxLength(2048)),
  keys: PushKeys
});

/**
 * How far an order goes already.
 */
export const Reach = v.picklist(['everywhere', 'here_only']);

/**
 * How far an order goes already.
 */
export const PostureOrdered = v.object({
  reach: Reach
});

/**
 * Why somebody did something, in their own words.
 */
export const Reason = v.pipe(v.string(), v.minLength(1), v.maxLength(500));

/**
 * By what it may go.
 */
export const BulletinCleared = v.object({
  at_ms: v.optional(Milliseconds),
  by: v.optional(MemberId),
  how: v.string(),
  reason: v.optional(Reason)
});

/**
 * Which revision somebody saw, and why they do this.
 */
export const BulletinReason = v.object({
  reason: Reason,
  revision: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * Which bulletins an app has, and which its person has seen: 1 to 64 together.
 */
export const Receipts = v.object({
  acknowledged: v.optional(v.pipe(v.array(BulletinId), v.maxLength(64))),
  received: v.optional(v.pipe(v.array(BulletinId), v.maxLength(64)))
});

/**
 * One of a member's roles.
 */
export const Role = v.picklist([
  'activist',
  'admin',
  'approver',
  'observer',
  'sender'
]);

/**
 * An invite, without its link.
 */
export const Invite = v.object({
  expires_at_ms: Milliseconds,
  id: InviteId,
  max_uses: v.pipe(v.number(), v.integer(), v.minValue(0)),
  needs_approval: v.boolean(),
  regions: v.array(Label),
  revoked: v.boolean(),
  roles: v.array(Role),
  teams: v.array(Label),
  uses: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * A page of invites.
 */
export const InviteList = v.object({
  invites: v.array(Invite),
  next: v.optional(Cursor)
});

/**
 * What an invite is to be.
 */
export const InviteTerms = v.object({
  expires_in_s: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7776000)),
  max_uses: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100000)),
  needs_approval: v.optional(v.boolean()),
  regions: v.optional(v.pipe(v.array(Label), v.maxLength(32))),
  roles: v.pipe(v.array(Role), v.minLength(1), v.maxLength(32)),
  teams: v.optional(v.pipe(v.array(Label), v.maxLength(32)))
});

/**
 * An invite, without its link.
 */
export const OwnDataInvite = v.object({
  created_at_ms: Milliseconds,
  expires_at_ms: Milliseconds,
  id: v.optional(InviteId),
  max_uses: v.pipe(v.number(), v.integer(), v.minValue(0)),
  regions: v.array(Label),
  revoked: v.boolean(),
  roles: v.array(Role),
  teams: v.array(Label),
  uses: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * A member, as they see themselves.
 */
export const SessionMember = v.object({
  id: MemberId,
  name: v.nullish(v.string()),
  regions: v.array(Label),
  roles: v.array(Role),
  teams: v.array(Label)
});

/**
 * What somebody who is let in learns.
 */
export const Admitted = v.object({
  channels: v.array(Channel),
  eligible_since_ms: v.optional(Milliseconds),
  expires_in_s: v.pipe(v.number(), v.integer(), v.minValue(0)),
  member: SessionMember,
  passkeys: v.optional(PasskeyStanding),
  renew_in_s: v.pipe(v.number(), v.integer(), v.minValue(0)),
  ticket: v.string()
});

/**
 * What an app learns about its member.
 */
export const Session = v.object({
  access_token: v.string(),
  channels: v.array(Channel),
  expires_in_s: v.pipe(v.number(), v.integer(), v.minValue(0)),
  member: SessionMember,
  passkeys: PasskeyStanding
});

/**
 * A passkey that was registered, and what the device may from now on.
 */
export const PasskeyRegistered = v.object({
  passkey: Passkey,
  session: Session
});

/**
 * What the device may from now on.
 */
export const PasskeyShown = v.object({
  session: Session
});

/**
 * How people may sign in, besides invites.
 */
export const SignOnView = v.object({
  oidc: v.nullable(OidcSignOn)
});

/**
 * An Ed25519 signature (RFC 8032), as base64url.
 */
export const Signature = v.pipe(v.string(), v.minLength(1), v.maxLength(86), v.regex(/^[A-Za-z0-9_-]{86}$/));

/**
 * What an author signs of a bulletin.
 */
export const AuthorSigned = v.object({
  key: PublicKey,
  signature: Signature,
  statement: v.pipe(v.string(), v.maxLength(16384))
});

/**
 * Which revision somebody saw, and what they sign of it.
 */
export const BulletinSubmission = v.object({
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  signed: v.optional(AuthorSigned)
});

/**
 * What somebody signs of taking a bulletin back. Nothing is asked for, so that what is wrong can always be taken back.
 */
export const BulletinWithdrawal = v.object({
  signed: v.optional(AuthorSigned)
});

/**
 * A signature and the key that is said to have made it.
 */
export const KeySignature = v.object({
  key: PublicKey,
  signature: Signature
});

/**
 * Which revision somebody saw, and their signature under what its author signed.
 */
export const BulletinApproval = v.object({
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  signature: v.optional(KeySignature)
});

export const BulletinHead = v.nullable(v.object({
  signatures: v.pipe(v.array(KeySignature), v.maxLength(2)),
  statement: v.pipe(v.string(), v.maxLength(16384))
}));

/**
 * What was signed last in each channel; nothing, if that is not known.
 */
export const BulletinHeads = v.object({
  heads: v.object({})
});

/**
 * Which revision somebody saw, why they do this, and their signature, if they have a key.
 */
export const BulletinOverride = v.object({
  reason: Reason,
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  signature: v.optional(KeySignature)
});

/**
 * A manifest of organisers' keys: its text, exactly as it was signed, and the signature of the root key that it names.
 */
export const SignedManifest = v.object({
  manifest: v.pipe(v.string(), v.maxLength(32768)),
  signature: Signature
});

/**
 * What was signed of a bulletin: a text, exactly as it was signed, and who signed it, its author first.
 */
export const SignedStatement = v.object({
  signatures: v.pipe(v.array(KeySignature), v.maxLength(2)),
  statement: v.pipe(v.string(), v.maxLength(16384))
});

/**
 * What the last second showed.
 */
export const Signs = v.object({
  descriptors_share: v.number(),
  memory_share: v.number(),
  pressure: v.number(),
  strangers_admitted: v.pipe(v.number(), v.integer(), v.minValue(0)),
  strangers_offered: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * How far a bulletin came with a member; each stage has those before it in it.
 */
export const Stage = v.picklist([
  'accepted',
  'written',
  'received',
  'acknowledged'
]);

/**
 * Those of a bulletin's audience with whom it did not come so far.
 */
export const AudienceNotReached = v.object({
  bulletin: BulletinId,
  stage: Stage
});

/**
 * Whom a bulletin is for: members of any of these regions and teams who have any of these roles. No place named means
 * every place, no role named means every role; at most 64 regions and teams together.
 */
export const Audience = v.object({
  not_reached: v.optional(AudienceNotReached),
  regions: v.optional(v.pipe(v.array(Label), v.maxLength(64))),
  roles: v.optional(v.array(Role)),
  teams: v.optional(v.pipe(v.array(Label), v.maxLength(64)))
});

/**
 * How many reached one stage.
 */
export const StageCounts = v.object({
  regions: v.record(v.string(), v.pipe(v.number(), v.integer(), v.minValue(0))),
  total: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * How many a bulletin reached.
 */
export const ReceiptCounts = v.object({
  accepted: StageCounts,
  acknowledged: StageCounts,
  pushed: v.optional(StageCounts),
  received: StageCounts,
  shown: v.optional(StageCounts),
  written: StageCounts
});

/**
 * How many a bulletin came how far with.
 */
export const BulletinReceipts = v.intersect([ReceiptCounts, v.object({
    as_of_ms: Milliseconds,
    over: v.boolean()
  })]);

/**
 * How far somebody belongs.
 */
export const Standing = v.picklist([
  'active',
  'invited',
  'left',
  'waiting'
]);

/**
 * Somebody who has come, and may nothing yet.
 */
export const Awaiting = v.object({
  member: AwaitingMember,
  standing: Standing
});

/**
 * A member.
 */
export const Member = v.object({
  devices: v.pipe(v.number(), v.integer(), v.minValue(0)),
  id: MemberId,
  joined_at_ms: Milliseconds,
  name: v.nullish(v.string()),
  regions: v.array(Label),
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  roles: v.array(Role),
  standing: Standing,
  teams: v.array(Label)
});

/**
 * What is to change; what is not named stays.
 */
export const MemberEdit = v.object({
  name: v.optional(Name),
  regions: v.optional(v.pipe(v.array(Label), v.maxLength(32))),
  roles: v.optional(v.pipe(v.array(Role), v.minLength(1), v.maxLength(32))),
  standing: v.optional(Standing),
  teams: v.optional(v.pipe(v.array(Label), v.maxLength(32)))
});

/**
 * A page of members.
 */
export const MemberList = v.object({
  members: v.array(Member),
  next: v.optional(Cursor)
});

/**
 * Who they are.
 */
export const OwnDataMember = v.object({
  has_account: v.boolean(),
  id: MemberId,
  joined_at_ms: Milliseconds,
  name: v.nullish(v.string()),
  reference: v.nullish(v.string()),
  regions: v.array(Label),
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  roles: v.array(Role),
  standing: Standing,
  teams: v.array(Label)
});

/**
 * All but the conversations.
 */
export const OwnDataHead = v.object({
  devices: v.array(OwnDataDevice),
  elsewhere: v.array(OwnDataElsewhere),
  exported_at_ms: Milliseconds,
  invites_made: v.array(OwnDataInvite),
  member: OwnDataMember,
  notifications: v.array(OwnDataNotifications),
  own_invite: v.nullish(OwnDataInvite),
  passkeys: v.array(Passkey)
});

/**
 * What is said on the status page: plain text, of which line breaks stay.
 */
export const Statement = v.object({
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(500))
});

/**
 * A client's own id of a text; the same again is the same text. Visible ASCII characters.
 */
export const TextId = v.pipe(v.string(), v.minLength(1), v.maxLength(128), v.regex(/^[!-~]+$/));

/**
 * Who wrote a text, as everybody may know it.
 */
export const TextSide = v.picklist(['member', 'organiser']);

/**
 * A text, as organisers see it.
 */
export const ConversationText = v.object({
  at_ms: Milliseconds,
  by: v.nullish(MemberId),
  from: TextSide,
  id: TextId,
  text: v.string()
});

/**
 * A conversation, as organisers see it.
 */
export const Conversation = v.object({
  about: ConversationKind,
  acknowledge_by_ms: v.optional(Milliseconds),
  assignee: v.nullish(MemberId),
  bulletin: v.nullish(BulletinId),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  id: ConversationId,
  member: MemberId,
  name: v.optional(v.string()),
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  state: ConversationState,
  texts: v.array(ConversationText),
  unanswered: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * A page of conversations.
 */
export const ConversationList = v.object({
  conversations: v.array(Conversation),
  next: v.optional(Cursor)
});

/**
 * A text, as the member of its conversation sees it. Who of the organisers wrote it is theirs.
 */
export const OwnText = v.object({
  at_ms: Milliseconds,
  from: TextSide,
  id: v.optional(TextId),
  text: v.string()
});

/**
 * A conversation, as its member sees it.
 */
export const OwnConversation = v.object({
  about: ConversationKind,
  acknowledge_by_ms: v.optional(Milliseconds),
  bulletin: v.nullish(BulletinId),
  count: v.pipe(v.number(), v.integer(), v.minValue(0)),
  id: ConversationId,
  state: ConversationState,
  texts: v.array(OwnText)
});

/**
 * A page of conversations of one member.
 */
export const OwnConversationList = v.object({
  conversations: v.array(OwnConversation),
  next: v.optional(Cursor)
});

/**
 * What is kept of a member.
 */
export const OwnData = v.intersect([OwnDataHead, v.object({
    conversations: v.array(OwnConversation)
  })]);

/**
 * That a text is kept.
 */
export const TextTaken = v.object({
  at_ms: Milliseconds,
  conversation: ConversationId,
  id: TextId
});

/**
 * How long messages took from publishing to the screen.
 */
export const Times = v.object({
  publish_to_screen_ms: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.maxLength(20))
});

/**
 * What a device learns in return.
 */
export const TimesTaken = v.object({
  again_in_s: v.pipe(v.number(), v.integer(), v.minValue(0)),
  now_ms: Milliseconds
});

/**
 * A code that moves a member to another device.
 */
export const TransferCode = v.object({
  code: v.pipe(v.string(), v.regex(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)),
  expires_at_ms: Milliseconds
});

/**
 * A code, and the client's own word for this try.
 */
export const TransferRedemption = v.object({
  attempt: v.pipe(v.string(), v.minLength(16), v.maxLength(64)),
  code: v.string()
});

/**
 * Why a posture changed.
 */
export const Trigger = v.picklist([
  'pressure',
  'strangers',
  'memory',
  'descriptors',
  'calm',
  'peers',
  'override',
  'override_ended'
]);

/**
 * Everything that this node knows of the posture. It names who gave an order, so it is for operators alone.
 */
export const Posture = v.object({
  hears_the_store: v.boolean(),
  nodes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  order: v.nullish(PostureOrderGiven),
  own: PostureName,
  posture: PostureName,
  signs: Signs,
  since: Milliseconds,
  trigger: Trigger,
  value: v.number()
});

/**
 * How soon a bulletin matters.
 */
export const Urgency = v.picklist(['normal', 'urgent']);

/**
 * What a bulletin says: at most 28 KiB in all.
 */
export const BulletinContent = v.object({
  attachments: v.optional(v.pipe(v.array(BulletinAttachment), v.maxLength(4))),
  audience: v.optional(Audience),
  event: v.optional(BulletinEvent),
  expires_at: v.optional(Milliseconds),
  kind: Kind,
  links: v.optional(v.pipe(v.array(BulletinLink), v.maxLength(8))),
  place: v.optional(BulletinPlace),
  references: v.optional(v.pipe(v.array(BulletinId), v.maxLength(8))),
  texts: v.record(v.string(), v.object({
    body: v.pipe(v.string(), v.maxLength(5000)),
    title: v.pipe(v.string(), v.minLength(1), v.maxLength(200))
  })),
  urgency: v.optional(Urgency)
});

/**
 * A bulletin, and what became of it.
 */
export const Bulletin = v.object({
  authors: v.array(MemberId),
  cleared: v.optional(BulletinCleared),
  content: BulletinContent,
  corrected_by: v.optional(BulletinId),
  corrects: v.optional(BulletinId),
  count: v.optional(HeadCount),
  created_at_ms: Milliseconds,
  id: BulletinId,
  needs: Needs,
  returned: v.optional(Reason),
  revision: v.pipe(v.number(), v.integer(), v.minValue(0)),
  send_at: v.optional(BulletinSendAt),
  sent_at_ms: v.optional(Milliseconds),
  signed: v.optional(SignedStatement),
  state: BulletinState,
  withdrawn: v.optional(BulletinWithdrawn)
});

/**
 * A page of bulletins.
 */
export const BulletinList = v.object({
  bulletins: v.array(Bulletin),
  next: v.optional(Cursor)
});

/**
 * What a bulletin says, and when it goes.
 */
export const BulletinWriting = v.object({
  content: BulletinContent,
  id: v.optional(BulletinId),
  revision: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  send_at: v.optional(LocalTime)
});

/**
 * How somebody waits, as programs read it (RFC 9457, with members of its own).
 */
export const Waiting = v.object({
  code: v.string(),
  detail: v.string(),
  place: v.nullish(v.string()),
  position: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  retry_after_s: v.pipe(v.number(), v.integer(), v.minValue(0)),
  status: v.pipe(v.number(), v.integer(), v.minValue(0)),
  title: v.string(),
  type: v.string(),
  wait_s: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * How long messages took from publishing to screens, as devices told in the last five minutes, at the node where it took
 * longest.
 */
export const WatchDelivery = v.object({
  p50: v.pipe(v.number(), v.integer(), v.minValue(0)),
  p99: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * How hard pressed the service is, since when and why.
 */
export const WatchPosture = v.object({
  level: PostureName,
  ordered_until_ms: v.optional(Milliseconds),
  since_ms: Milliseconds,
  why: Trigger
});

/**
 * Messages that wait to be stored, by lane.
 */
export const WatchQueue = v.object({
  bulk: v.pipe(v.number(), v.integer(), v.minValue(0)),
  normal: v.pipe(v.number(), v.integer(), v.minValue(0)),
  urgent: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * So many of members, and so many of strangers.
 */
export const WatchSides = v.object({
  members: v.pipe(v.number(), v.integer(), v.minValue(0)),
  strangers: v.pipe(v.number(), v.integer(), v.minValue(0))
});

/**
 * One process of the service.
 */
export const WatchNode = v.object({
  at_ms: Milliseconds,
  connections: WatchSides,
  cpu_percent: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  is_answering: v.boolean(),
  memory_bytes: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  name: v.string()
});

/**
 * The last ten seconds, and how much waits now.
 */
export const WatchNow = v.object({
  admitted: WatchSides,
  behind: v.pipe(v.number(), v.integer(), v.minValue(0)),
  delay_ms: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  delayed: v.pipe(v.number(), v.integer(), v.minValue(0)),
  delivery_ms: v.nullish(WatchDelivery),
  line: v.pipe(v.number(), v.integer(), v.minValue(0)),
  queue: WatchQueue,
  refused: WatchSides,
  waiting: WatchSides
});

/**
 * The five seconds before a moment.
 */
export const WatchPoint = v.object({
  admitted: WatchSides,
  at_ms: Milliseconds,
  delay_ms: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  posture: PostureName,
  refused: WatchSides,
  waiting: WatchSides
});

export const WatchStoreKind = v.picklist(['embedded', 'redis']);

/**
 * Where everything is kept.
 */
export const WatchStore = v.object({
  commit_p99_ms: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0))),
  is_reachable: v.boolean(),
  kind: WatchStoreKind
});

/**
 * How the service fares now, and fared in the last quarter of an hour.
 */
export const Watch = v.object({
  at_ms: Milliseconds,
  is_complete: v.boolean(),
  nodes: v.array(WatchNode),
  now: WatchNow,
  posture: WatchPosture,
  recent: v.pipe(v.array(WatchPoint), v.maxLength(180)),
  store: WatchStore
});

/**
 * What somebody writes in a conversation: plain text, at least one character of which can be read.
 */
export const Words = v.pipe(v.string(), v.minLength(1), v.maxLength(2000));

/**
 * What an organiser answers.
 */
export const Answer = v.object({
  id: v.optional(TextId),
  text: Words
});

/**
 * What a member writes to the organisers.
 */
export const Reply = v.object({
  about: v.optional(ConversationKind),
  bulletin: v.optional(BulletinId),
  id: v.optional(TextId),
  text: Words
});

export type AdmitRequest = v.InferOutput<typeof AdmitRequest>;
export type AttachmentId = v.InferOutput<typeof AttachmentId>;
export type AuditAction = v.InferOutput<typeof AuditAction>;
export type AuditCursor = v.InferOutput<typeof AuditCursor>;
export type BulletinId = v.InferOutput<typeof BulletinId>;
export type BulletinCorrection = v.InferOutput<typeof BulletinCorrection>;
export type BulletinLink = v.InferOutput<typeof BulletinLink>;
export type BulletinPlace = v.InferOutput<typeof BulletinPlace>;
export type BulletinState = v.InferOutput<typeof BulletinState>;
export type BulletinText = v.InferOutput<typeof BulletinText>;
export type ChainId = v.InferOutput<typeof ChainId>;
export type ChannelName = v.InferOutput<typeof ChannelName>;
export type Channel = v.InferOutput<typeof Channel>;
export type ConversationId = v.InferOutput<typeof ConversationId>;
export type ConversationKind = v.InferOutput<typeof ConversationKind>;
export type ConversationState = v.InferOutput<typeof ConversationState>;
export type ConversationStateChange = v.InferOutput<typeof ConversationStateChange>;
export type Cursor = v.InferOutput<typeof Cursor>;
export type DeviceId = v.InferOutput<typeof DeviceId>;
export type File_ = v.InferOutput<typeof File_>;
export type Fingerprint = v.InferOutput<typeof Fingerprint>;
export type Hash = v.InferOutput<typeof Hash>;
export type HeadCount = v.InferOutput<typeof HeadCount>;
export type IncidentId = v.InferOutput<typeof IncidentId>;
export type IncidentNote = v.InferOutput<typeof IncidentNote>;
export type IncidentTotal = v.InferOutput<typeof IncidentTotal>;
export type InviteId = v.InferOutput<typeof InviteId>;
export type InviteRedemption = v.InferOutput<typeof InviteRedemption>;
export type Kind = v.InferOutput<typeof Kind>;
export type Label = v.InferOutput<typeof Label>;
export type Line = v.InferOutput<typeof Line>;
export type LinkBegun = v.InferOutput<typeof LinkBegun>;
export type LinkRequest = v.InferOutput<typeof LinkRequest>;
export type LocalTime = v.InferOutput<typeof LocalTime>;
export type ManifestKept = v.InferOutput<typeof ManifestKept>;
export type Media = v.InferOutput<typeof Media>;
export type Attachment = v.InferOutput<typeof Attachment>;
export type BulletinAttachment = v.InferOutput<typeof BulletinAttachment>;
export type MemberId = v.InferOutput<typeof MemberId>;
export type Assignment = v.InferOutput<typeof Assignment>;
export type AuditActor = v.InferOutput<typeof AuditActor>;
export type AwaitingMember = v.InferOutput<typeof AwaitingMember>;
export type Milliseconds = v.InferOutput<typeof Milliseconds>;
export type AuditEntry = v.InferOutput<typeof AuditEntry>;
export type AuditHead = v.InferOutput<typeof AuditHead>;
export type AuditList = v.InferOutput<typeof AuditList>;
export type AuditVerifiedChain = v.InferOutput<typeof AuditVerifiedChain>;
export type AuditVerification = v.InferOutput<typeof AuditVerification>;
export type BulletinEvent = v.InferOutput<typeof BulletinEvent>;
export type BulletinSendAt = v.InferOutput<typeof BulletinSendAt>;
export type BulletinWithdrawn = v.InferOutput<typeof BulletinWithdrawn>;
export type Device = v.InferOutput<typeof Device>;
export type DeviceList = v.InferOutput<typeof DeviceList>;
export type IncidentLine = v.InferOutput<typeof IncidentLine>;
export type IncidentNoted = v.InferOutput<typeof IncidentNoted>;
export type InviteCreated = v.InferOutput<typeof InviteCreated>;
export type Name = v.InferOutput<typeof Name>;
export type Needs = v.InferOutput<typeof Needs>;
export type NotReachedList = v.InferOutput<typeof NotReachedList>;
export type OidcSignOn = v.InferOutput<typeof OidcSignOn>;
export type OwnDataDevice = v.InferOutput<typeof OwnDataDevice>;
export type OwnDataElsewhere = v.InferOutput<typeof OwnDataElsewhere>;
export type OwnEdit = v.InferOutput<typeof OwnEdit>;
export type OwnSignOnAccount = v.InferOutput<typeof OwnSignOnAccount>;
export type OwnSignOn = v.InferOutput<typeof OwnSignOn>;
export type PageSize = v.InferOutput<typeof PageSize>;
export type PasskeyCeremonyEnd = v.InferOutput<typeof PasskeyCeremonyEnd>;
export type PasskeyCeremonyId = v.InferOutput<typeof PasskeyCeremonyId>;
export type PasskeyCeremony = v.InferOutput<typeof PasskeyCeremony>;
export type PasskeyId = v.InferOutput<typeof PasskeyId>;
export type Passkey = v.InferOutput<typeof Passkey>;
export type PasskeyList = v.InferOutput<typeof PasskeyList>;
export type PasskeyPurpose = v.InferOutput<typeof PasskeyPurpose>;
export type PasskeyAssertion = v.InferOutput<typeof PasskeyAssertion>;
export type PasskeyRecovery = v.InferOutput<typeof PasskeyRecovery>;
export type PasskeyRegistration = v.InferOutput<typeof PasskeyRegistration>;
export type PasskeyStanding = v.InferOutput<typeof PasskeyStanding>;
export type PostureName = v.InferOutput<typeof PostureName>;
export type IncidentListed = v.InferOutput<typeof IncidentListed>;
export type IncidentList = v.InferOutput<typeof IncidentList>;
export type IncidentSummary = v.InferOutput<typeof IncidentSummary>;
export type Incident = v.InferOutput<typeof Incident>;
export type PostureOrder = v.InferOutput<typeof PostureOrder>;
export type PostureOrderGiven = v.InferOutput<typeof PostureOrderGiven>;
export type ProblemCode = v.InferOutput<typeof ProblemCode>;
export type Problem = v.InferOutput<typeof Problem>;
export type PublicKey = v.InferOutput<typeof PublicKey>;
export type PushKeys = v.InferOutput<typeof PushKeys>;
export type PushLanguage = v.InferOutput<typeof PushLanguage>;
export type PushQuiet = v.InferOutput<typeof PushQuiet>;
export type PushShown = v.InferOutput<typeof PushShown>;
export type PushShows = v.InferOutput<typeof PushShows>;
export type PushChoice = v.InferOutput<typeof PushChoice>;
export type OwnDataNotifications = v.InferOutput<typeof OwnDataNotifications>;
export type Push = v.InferOutput<typeof Push>;
export type PushSubscription = v.InferOutput<typeof PushSubscription>;
export type Reach = v.InferOutput<typeof Reach>;
export type PostureOrdered = v.InferOutput<typeof PostureOrdered>;
export type Reason = v.InferOutput<typeof Reason>;
export type BulletinCleared = v.InferOutput<typeof BulletinCleared>;
export type BulletinReason = v.InferOutput<typeof BulletinReason>;
export type Receipts = v.InferOutput<typeof Receipts>;
export type Role = v.InferOutput<typeof Role>;
export type Invite = v.InferOutput<typeof Invite>;
export type InviteList = v.InferOutput<typeof InviteList>;
export type InviteTerms = v.InferOutput<typeof InviteTerms>;
export type OwnDataInvite = v.InferOutput<typeof OwnDataInvite>;
export type SessionMember = v.InferOutput<typeof SessionMember>;
export type Admitted = v.InferOutput<typeof Admitted>;
export type Session = v.InferOutput<typeof Session>;
export type PasskeyRegistered = v.InferOutput<typeof PasskeyRegistered>;
export type PasskeyShown = v.InferOutput<typeof PasskeyShown>;
export type SignOnView = v.InferOutput<typeof SignOnView>;
export type Signature = v.InferOutput<typeof Signature>;
export type AuthorSigned = v.InferOutput<typeof AuthorSigned>;
export type BulletinSubmission = v.InferOutput<typeof BulletinSubmission>;
export type BulletinWithdrawal = v.InferOutput<typeof BulletinWithdrawal>;
export type KeySignature = v.InferOutput<typeof KeySignature>;
export type BulletinApproval = v.InferOutput<typeof BulletinApproval>;
export type BulletinHead = v.InferOutput<typeof BulletinHead>;
export type BulletinHeads = v.InferOutput<typeof BulletinHeads>;
export type BulletinOverride = v.InferOutput<typeof BulletinOverride>;
export type SignedManifest = v.InferOutput<typeof SignedManifest>;
export type SignedStatement = v.InferOutput<typeof SignedStatement>;
export type Signs = v.InferOutput<typeof Signs>;
export type Stage = v.InferOutput<typeof Stage>;
export type AudienceNotReached = v.InferOutput<typeof AudienceNotReached>;
export type Audience = v.InferOutput<typeof Audience>;
export type StageCounts = v.InferOutput<typeof StageCounts>;
export type ReceiptCounts = v.InferOutput<typeof ReceiptCounts>;
export type BulletinReceipts = v.InferOutput<typeof BulletinReceipts>;
export type Standing = v.InferOutput<typeof Standing>;
export type Awaiting = v.InferOutput<typeof Awaiting>;
export type Member = v.InferOutput<typeof Member>;
export type MemberEdit = v.InferOutput<typeof MemberEdit>;
export type MemberList = v.InferOutput<typeof MemberList>;
export type OwnDataMember = v.InferOutput<typeof OwnDataMember>;
export type OwnDataHead = v.InferOutput<typeof OwnDataHead>;
export type Statement = v.InferOutput<typeof Statement>;
export type TextId = v.InferOutput<typeof TextId>;
export type TextSide = v.InferOutput<typeof TextSide>;
export type ConversationText = v.InferOutput<typeof ConversationText>;
export type Conversation = v.InferOutput<typeof Conversation>;
export type ConversationList = v.InferOutput<typeof ConversationList>;
export type OwnText = v.InferOutput<typeof OwnText>;
export type OwnConversation = v.InferOutput<typeof OwnConversation>;
export type OwnConversationList = v.InferOutput<typeof OwnConversationList>;
export type OwnData = v.InferOutput<typeof OwnData>;
export type TextTaken = v.InferOutput<typeof TextTaken>;
export type Times = v.InferOutput<typeof Times>;
export type TimesTaken = v.InferOutput<typeof TimesTaken>;
export type TransferCode = v.InferOutput<typeof TransferCode>;
export type TransferRedemption = v.InferOutput<typeof TransferRedemption>;
export type Trigger = v.InferOutput<typeof Trigger>;
export type Posture = v.InferOutput<typeof Posture>;
export type Urgency = v.InferOutput<typeof Urgency>;
export type BulletinContent = v.InferOutput<typeof BulletinContent>;
export type Bulletin = v.InferOutput<typeof Bulletin>;
export type BulletinList = v.InferOutput<typeof BulletinList>;
export type BulletinWriting = v.InferOutput<typeof BulletinWriting>;
export type Waiting = v.InferOutput<typeof Waiting>;
export type WatchDelivery = v.InferOutput<typeof WatchDelivery>;
export type WatchPosture = v.InferOutput<typeof WatchPosture>;
export type WatchQueue = v.InferOutput<typeof WatchQueue>;
export type WatchSides = v.InferOutput<typeof WatchSides>;
export type WatchNode = v.InferOutput<typeof WatchNode>;
export type WatchNow = v.InferOutput<typeof WatchNow>;
export type WatchPoint = v.InferOutput<typeof WatchPoint>;
export type WatchStoreKind = v.InferOutput<typeof WatchStoreKind>;
export type WatchStore = v.InferOutput<typeof WatchStore>;
export type Watch = v.InferOutput<typeof Watch>;
export type Words = v.InferOutput<typeof Words>;
export type Answer = v.InferOutput<typeof Answer>;
export type Reply = v.InferOutput<typeof Reply>;
