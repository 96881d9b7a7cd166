//! What holds unless an option says otherwise, and how far options go.

use std::time::Duration;

protocol::limits! {
    /// How long a connection may take to say who it is; then it is closed with 3502.
    pub(super) const HELLO_TIMEOUT: Duration = Duration::from_secs(10)
        => shown "holdfast_connections_closed" option "--hello-timeout";
    /// How long a client that took all it was given may take to answer a ping; then it is closed with 3012.
    pub(super) const PONG_TIMEOUT: Duration = Duration::from_secs(8)
        => shown "holdfast_connections_closed" option "--pong-timeout";
    /// How long a client may take nothing of what waits for it; then it is cut, which counts as 3012. Its place in the log
    /// stays.
    pub(super) const STALL_TIMEOUT: Duration = Duration::from_mins(1)
        => shown "holdfast_connections_closed" option "--stall-timeout";
    /// Connections that are let in a second during the first minute after a start; the others wait.
    pub(super) const ACCEPT_RATE_PER_SECOND: u32 = 4_000 => shown "holdfast_connections_opened" option "--accept-rate";
    /// Longest time over which a node that stops closes its connections.
    pub(super) const DRAIN_SPREAD_MAX: Duration = Duration::from_secs(10)
        => shown "holdfast_draining" option "--drain-spread";
    /// How long bulletins, teams and inboxes are kept; older publications are removed, and who asks for them is told.
    pub(super) const RETENTION_MESSAGES: Duration = Duration::from_hours(24 * 90)
        => shown "holdfast_store_operations" option "--retention-messages";
    /// How long `service:status` and `service:organisers` are kept.
    pub(super) const RETENTION_SERVICE: Duration = Duration::from_hours(24)
        => shown "holdfast_store_operations" option "--retention-service";
    /// How long the account of what left is kept; older files are removed.
    pub(super) const RETENTION_EGRESS: Duration = Duration::from_hours(24 * 180) => unseen option "--retention-egress";
    /// Shortest retention of that account that can be asked for: it is kept in files of one day each.
    pub(super) const RETENTION_EGRESS_MIN: Duration = Duration::from_hours(24) => unseen;
    /// How long the records of incidents are kept; older ones are removed.
    pub(super) const RETENTION_INCIDENTS: Duration = Duration::from_hours(24 * 400)
        => unseen option "--retention-incidents";
    /// Shortest retention of these that can be asked for: whoever is told of an attack has 30 days to ask.
    pub(super) const RETENTION_INCIDENTS_MIN: Duration = Duration::from_hours(24 * 30) => unseen;
    /// How long the audit of who did what is kept; older days are removed, and an entry says which.
    pub(super) const RETENTION_AUDIT: Duration = Duration::from_hours(24 * 365) => unseen option "--retention-audit";
    /// Shortest retention of the audit that can be asked for: a month, so that a complaint finds it.
    pub(super) const RETENTION_AUDIT_MIN: Duration = Duration::from_hours(24 * 30) => unseen;
    /// How long an access token lives; then its connection has to show a new one.
    pub(super) const ACCESS_TTL: Duration = Duration::from_mins(10)
        => shown "holdfast_connections_closed" option "--access-ttl";
    /// Memory for the latest messages of all channels; over it the oldest of all goes, and is read from the store.
    pub(super) const RINGS_MAX_BYTES: usize = 64 * 1024 * 1024 => shown "holdfast_ring_evictions" option "--ring-bytes";
    /// How long what is ready may wait for its turn on a worker; what waits longer raises the posture.
    pub(super) const DELAY_TARGET: Duration = Duration::from_millis(10)
        => shown "holdfast_pressure" option "--delay-target";
    /// Shortest such time that can be asked for; clocks and schedulers are not finer.
    pub(super) const DELAY_TARGET_MIN: Duration = Duration::from_millis(1) => unseen;
    /// Longest such time that can be asked for; nothing that waits so long is a service.
    pub(super) const DELAY_TARGET_MAX: Duration = Duration::from_mins(1) => unseen;
    /// Longest hold after an attack that can be asked for.
    pub(super) const POSTURE_HOLD_MAX: Duration = Duration::from_hours(24) => unseen;
    /// Least memory that a node can be told to do with; it has as much before it serves anybody.
    pub(super) const MEMORY_MAX_MIN_BYTES: u64 = 16 * 1024 * 1024 => unseen;
    /// Bytes that an account may get from a node within an hour of UTC; over it, it reads no history until the hour is over,
    /// and the audit says whose it is. What is said meanwhile reaches it. 0 is as much as there is.
    pub(super) const EGRESS_BUDGET_BYTES: u64 = 200 * 1024 * 1024
        => shown "holdfast_egress_over_budget" option "--egress-budget";
    /// Lowest budget that can be asked for; with a lower one nobody could come back after a day.
    pub(super) const EGRESS_BUDGET_MIN_BYTES: u64 = 1024 * 1024 => unseen;
    /// Bytes of messages that the embedded store keeps; at the ceiling nothing is evicted, and messages wait until
    /// retention makes room. 0 is as much as the disk has.
    pub(super) const STORAGE_MAX_BYTES: u64 = 0 => shown "holdfast_store_full" option "--storage-max";
    /// Lowest ceiling that can be asked for; a lower one would be full of nothing.
    pub(super) const STORAGE_BYTES_MIN: u64 = 1024 * 1024 => unseen;
    /// Largest configuration file that is read; with a larger one the node does not start.
    pub(super) const CONFIG_FILE_MAX_BYTES: u64 = 1024 * 1024 => unseen;
    /// Longest word of `--load-consent`; with a longer one the node does not start.
    pub(super) const LOAD_CONSENT_MAX_BYTES: usize = 128 => unseen;
    /// Most worker threads that can be asked for.
    pub(super) const WORKERS_MAX: usize = 1_024 => unseen;
    /// Shortest life of access tokens that can be asked for, or clients would do nothing but refresh them.
    pub(super) const ACCESS_TTL_MIN: Duration = Duration::from_secs(30) => unseen;
    /// Shortest retention that can be asked for; a shorter one would remove messages while they are being delivered.
    pub(super) const RETENTION_MIN: Duration = Duration::from_mins(1) => unseen;
    /// Shortest interval of pings and patience that can be asked for; shorter ones would cut healthy connections.
    pub(super) const TIMING_MIN: Duration = Duration::from_secs(1) => unseen;
    /// Longest interval of pings and patience that can be asked for; longer ones would keep dead connections for ever.
    pub(super) const TIMING_MAX: Duration = Duration::from_hours(1) => unseen;
    /// Fewest bytes of rings that can be asked for; with fewer, every reader would read the store.
    pub(super) const RING_BYTES_MIN: usize = 1024 * 1024 => unseen;
}
