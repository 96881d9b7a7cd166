use super::super::record::TIMELINE;
use super::*;
use crate::clock;
use Posture::{Normal, Survival, UnderAttack};
use evidence::chain::verify;
use evidence::incident::{CLOSE_AFTER, Incident, Note, Timeline, Who};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

const SECOND: Duration = Duration::from_secs(1);

/// A scribe at a clock of its own.
struct Desk {
    data: tempfile::TempDir,
    now: Now,
    scribe: Option<Scribe>,
    standing: Arc<Mutex<Standing>>,
}

impl Desk {
    fn new() -> Self {
        let now = Now { instant: clock::now().instant, wall: Timestamp::from_millis(1_795_687_200_000) };
        let mut desk =
            Self { data: tempfile::tempdir().unwrap(), now, scribe: None, standing: Arc::default() };
        desk.begin();
        desk
    }

    /// A process begins; the one before it is gone without a word.
    fn begin(&mut self) {
        self.scribe = None;
        let retention = Duration::from_hours(24 * 400);
        let (standing, now) = (Arc::clone(&self.standing), self.now);
        let scribe = Scribe::begin(
            self.data.path(),
            "one".parse().unwrap(),
            retention,
            standing,
            now,
            Figures::default(),
        );
        self.scribe = Some(scribe);
    }

    fn pass(&mut self, time: Duration) {
        self.now = Now { instant: self.now.instant + time, wall: self.now.wall.after(time) };
    }

    fn scribe(&mut self) -> &mut Scribe {
        self.scribe.as_mut().unwrap()
    }

    fn posture(&mut self, from: Posture, to: Posture) {
        self.posture_by(from, to, None);
    }

    fn posture_by(&mut self, from: Posture, to: Posture, order: Option<OrderSeen>) {
        let changed = (from != to).then(|| Changed { from, to, trigger: "pressure".to_owned(), value: None });
        let now = self.now;
        self.scribe().posture(changed, order, now.wall, now, &Figures::default());
    }

    fn tick(&mut self, acked: u64) {
        self.tick_from(acked, Vec::new());
    }

    fn tick_from(&mut self, acked: u64, offenders: Vec<Offender>) {
        let now = self.now;
        self.scribe().tick(now, &Figures { acked, ..Figures::default() }, &move || offenders.clone());
    }

    fn ids(&self) -> Vec<IncidentId> {
        Archive::new(self.data.path()).ids().unwrap()
    }

    fn path(&self) -> PathBuf {
        Archive::new(self.data.path()).folder_of(&self.ids()[0]).join(TIMELINE)
    }

    fn kinds(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path()).unwrap();
        verify(text.as_bytes()).unwrap();
        let kind = |line: &str| line.split('"').nth(7).unwrap_or_default().to_owned();
        text.lines().map(kind).collect()
    }
}

fn order(why: &str) -> OrderSeen {
    OrderSeen {
        posture: Survival,
        who: "Ada".parse().unwrap(),
        why: why.parse().unwrap(),
        until: Timestamp::from_millis(1_795_689_000_000),
    }
}

fn note() -> Entry {
    Entry::Note(Note { who: Who::default(), text: "it came from one network".parse().unwrap() })
}

#[test]
fn an_attack_is_recorded_from_its_beginning_to_ten_quiet_minutes_after_it() {
    let mut desk = Desk::new();
    desk.tick(5);
    assert_eq!(desk.ids(), [], "nothing is recorded while nothing happens");
    desk.posture(Normal, UnderAttack);
    desk.pass(60 * SECOND);
    desk.tick(9);
    desk.posture(UnderAttack, Normal);
    assert_eq!(desk.kinds(), ["opened", "counts", "posture"]);
    let standing = desk.standing.lock().clone();
    assert_eq!((standing.open.unwrap().lines, standing.lines, standing.held), (3, 3, 0));
    desk.pass(CLOSE_AFTER);
    desk.tick(9);
    assert_eq!(desk.kinds(), ["opened", "counts", "posture", "counts", "closed"]);
    assert_eq!(desk.standing.lock().open, None);
    desk.posture(Normal, Survival);
    assert_eq!(desk.ids().len(), 2);
}

#[test]
fn an_order_is_recorded_after_what_it_did_and_so_is_its_end() {
    let mut desk = Desk::new();
    desk.posture_by(Normal, Survival, Some(order("the provider asked")));
    desk.posture_by(Survival, Survival, Some(order("and again")));
    desk.posture_by(Survival, Survival, Some(order("and again")));
    desk.posture_by(Survival, Normal, None);
    assert_eq!(desk.kinds(), ["opened", "override", "override", "posture", "override_ended"]);
}

#[test]
fn an_order_without_an_attack_leaves_no_record() {
    let mut desk = Desk::new();
    desk.posture_by(Normal, Normal, Some(order("a drill")));
    assert_eq!(desk.ids(), []);
}

#[test]
fn a_process_goes_on_with_what_one_before_it_left_and_says_what_a_crash_tore() {
    let mut desk = Desk::new();
    desk.posture(Normal, UnderAttack);
    let path = desk.path();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"seq\":2,\"at\":17");
    fs::write(&path, text).unwrap();
    desk.pass(90 * SECOND);
    desk.begin();
    assert_eq!(desk.kinds(), ["opened", "resumed"]);
    assert!(fs::read_to_string(&path).unwrap().contains(r#""torn_bytes":16"#));
    desk.pass(CLOSE_AFTER);
    desk.tick(0);
    assert_eq!(desk.kinds(), ["opened", "resumed", "counts", "closed"]);
    desk.begin();
    assert_eq!(desk.kinds().len(), 4, "what is closed stays closed");
}

#[test]
fn nodes_that_share_a_folder_go_on_with_their_own() {
    let mut one = Desk::new();
    one.posture(Normal, UnderAttack);
    let own = one.ids()[0].clone();
    one.scribe = None;
    one.pass(SECOND);
    let begun = Record::begin(&one.data.path().join("incidents"), one.now.wall, &opened_by("two")).unwrap();
    let in_use = begun.id.clone();
    one.begin();
    assert_eq!(one.standing.lock().open.as_ref().unwrap().id, own, "the latest is in use");
    one.scribe = None;
    drop(begun);
    one.begin();
    assert_eq!(one.standing.lock().open.as_ref().unwrap().id, in_use, "nobody writes the latest");
}

fn opened_by(node: &str) -> evidence::incident::Opened {
    let opened = super::super::record::tests::opened();
    evidence::incident::Opened { node: node.parse().unwrap(), ..opened }
}

#[test]
fn a_node_that_ends_writes_its_last_counts_and_leaves_the_record_open() {
    let mut desk = Desk::new();
    desk.posture(Normal, UnderAttack);
    let now = desk.now;
    desk.scribe().end(now, &Figures { acked: 3, ..Figures::default() });
    assert_eq!(desk.kinds(), ["opened", "counts"]);
    desk.begin();
    assert_eq!(desk.kinds(), ["opened", "counts", "resumed"]);
}

#[test]
fn a_disk_that_takes_nothing_costs_nothing_but_time() {
    let mut desk = Desk::new();
    let incidents = desk.data.path().join("incidents");
    // A file where the folder should be fails for root, too.
    drop(fs::remove_dir_all(&incidents));
    fs::write(&incidents, "").unwrap();
    desk.posture(Normal, UnderAttack);
    for minute in 1..=5 {
        desk.pass(60 * SECOND);
        desk.tick(minute * 10);
    }
    desk.posture(UnderAttack, Survival);
    let standing = desk.standing.lock().clone();
    assert_eq!((standing.is_failing, standing.lost, standing.open), (true, 0, None));
    assert_eq!(standing.held, 3, "counts that wait are joined");
    fs::remove_file(&incidents).unwrap();
    desk.pass(SECOND);
    desk.tick(50);
    assert_eq!(desk.kinds(), ["opened", "counts", "posture"]);
    assert!(!desk.standing.lock().is_failing);
    let timeline = Timeline::read("", &fs::read(desk.path()).unwrap());
    assert_eq!(Incident::of(&[timeline]).unwrap().acked, 50);
    assert_eq!(fs::metadata(&incidents).unwrap().permissions(), Permissions::from_mode(0o040_700));
}

#[test]
fn what_is_held_is_bounded_and_what_is_lost_is_said_in_the_chain() {
    let mut desk = Desk::new();
    let incidents = desk.data.path().join("incidents");
    drop(fs::remove_dir_all(&incidents));
    fs::write(&incidents, "").unwrap();
    desk.posture(Normal, UnderAttack);
    for _ in 0..INCIDENT_HELD_MAX_ENTRIES {
        desk.posture(UnderAttack, Survival);
    }
    desk.posture(Survival, UnderAttack);
    let standing = desk.standing.lock().clone();
    assert_eq!((standing.held, standing.lost), (INCIDENT_HELD_MAX_ENTRIES, 2));
    fs::remove_file(&incidents).unwrap();
    desk.tick(0);
    let kinds = desk.kinds();
    assert_eq!(
        (kinds.len(), &kinds[..3]),
        (INCIDENT_HELD_MAX_ENTRIES + 1, &["opened", "lapse", "posture"].map(str::to_owned)[..])
    );
    assert!(fs::read_to_string(desk.path()).unwrap().contains(r#""data":{"entries":2}"#));
}

#[test]
fn words_go_into_the_open_record_and_into_a_closed_one_and_into_no_other() {
    let mut desk = Desk::new();
    desk.posture(Normal, UnderAttack);
    let (id, at) = (desk.ids()[0].clone(), desk.now.wall);
    assert_eq!(desk.scribe().words(&id, note(), at), Ok(()));
    desk.posture(UnderAttack, Normal);
    desk.pass(CLOSE_AFTER);
    desk.tick(0);
    assert_eq!(desk.scribe().words(&id, note(), at), Ok(()));
    assert_eq!(desk.kinds(), ["opened", "note", "posture", "counts", "closed", "note"]);
    desk.begin();
    assert_eq!(desk.kinds().len(), 6, "words after the end do not open it again");
    let other = IncidentId::at(at.before(SECOND), 1);
    assert_eq!(desk.scribe().words(&other, note(), at), Err(WordsRefused::Unknown));
}

#[test]
fn addresses_stand_beside_the_record_and_the_chain_has_their_hash() {
    let mut desk = Desk::new();
    desk.posture(Normal, UnderAttack);
    let heavy = Offender {
        prefix: "198.51.100.7/32".parse().unwrap(),
        class: admission::Criticality::Stranger,
        offered: 9_000,
        peak_per_second: 100,
        first_seen: desk.now.wall,
        last_seen: desk.now.wall,
        action: evidence::incident::Action::Refused,
    };
    desk.tick_from(0, vec![heavy]);
    desk.posture(UnderAttack, Normal);
    desk.pass(CLOSE_AFTER);
    desk.tick(0);
    assert_eq!(desk.kinds(), ["opened", "posture", "indicators", "counts", "closed"]);
    assert!(!fs::read_to_string(desk.path()).unwrap().contains("198.51"));
    let archive = Archive::new(desk.data.path());
    assert_eq!(archive.offenders(&desk.ids()[0]).len(), 1);
    assert!(fs::read_to_string(desk.data.path().join("abuse.jsonl")).unwrap().contains("198.51.100.7/32"));
}
