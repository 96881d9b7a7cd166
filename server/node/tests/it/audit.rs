//! Who did what: noted by a real node, read by admins, and checked by whoever has the keys.

use crate::browser::{Answer, Visitor, first_admin_token_of};
use crate::node::{Start, TestNode, holdfast, token};
use awc::http::{Method, StatusCode};
use evidence::chain::Hash;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use storage_redis::test_server::TestRedis;

/// How long the writer may take at most, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node with an admin.
struct Office {
    data: tempfile::TempDir,
    node: TestNode,
    admin: Visitor,
    admin_id: String,
}

impl Office {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = Start::embedded(data.path());
        let link = first_admin_token_of(&start);
        let node = start.run();
        let mut admin = Visitor::joined(node.address, &link).await;
        let admin_id = admin.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
        Self { data, node, admin, admin_id }
    }

    /// A new member, and their id.
    async fn member(&mut self) -> (Visitor, String) {
        let terms = json!({"roles": ["activist"], "max_uses": 1, "expires_in_s": 600});
        let made = self.admin.say(Method::POST, "/v1/invites", &terms).await;
        let link = made.body["link"].as_str().unwrap().split_once("/join#").unwrap().1.to_owned();
        let mut member = Visitor::joined(self.node.address, &link).await;
        let id = member.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
        (member, id)
    }

    async fn does(&mut self, method: Method, path: &str, body: Value) -> Answer {
        let answer = self.admin.say(method, path, &body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        answer
    }

    /// The entries from the beginning on, once this one is among them.
    async fn entries_with(&mut self, action: &str) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let listed = self.admin.get("/v1/audit?limit=200").await;
            assert_eq!(listed.status, StatusCode::OK, "{}", listed.body);
            let mut entries = listed.body["entries"].as_array().unwrap().clone();
            if entries.iter().any(|entry| entry["action"] == action) {
                entries.reverse();
                return entries;
            }
            assert!(Instant::now() < until, "no {action} in {entries:?}");
        }
    }
}

/// What an operator's command answers: its exit code, what it printed and what it said.
fn audit(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = holdfast().arg("audit").args(arguments).arg("--data").arg(data).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn whole(data: &Path) -> String {
    let (code, printed, said) = audit(data, &["verify"]);
    assert_eq!((code, said.as_str()), (Some(0), ""), "{printed}");
    assert!(printed.trim_end().ends_with("whole"), "{printed}");
    printed
}

fn broken(data: &Path, arguments: &[&str], words: &[&str]) {
    let (code, _, said) = audit(data, arguments);
    assert_eq!(code, Some(2), "{said}");
    for words in words {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// The files of the one chain.
fn files(data: &Path) -> Vec<PathBuf> {
    let chains: Vec<_> = fs::read_dir(data.join("audit")).unwrap().collect();
    assert_eq!(chains.len(), 1, "{chains:?}");
    let entries = fs::read_dir(chains[0].as_ref().unwrap().path()).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "sealed"));
    files.sort();
    files
}

fn exported(data: &Path) -> Vec<Value> {
    let (code, lines, said) = audit(data, &["export"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn action(entry: &Value) -> &str {
    entry["action"].as_str().unwrap()
}

/// Without what a node notes by itself.
fn of_people(mut entries: Vec<Value>) -> Vec<Value> {
    entries.retain(|entry| entry["who"] != "system");
    entries
}

#[actix_rt::test]
async fn what_admins_and_operators_do_is_noted_with_what_was_before_and_after_and_nobody_is_called_by_name() {
    let mut office = Office::open().await;
    let (mut member, id) = office.member().await;
    member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
    let rights = json!({"roles": ["activist", "sender"], "regions": ["north"], "teams": []});
    office.does(Method::PATCH, &format!("/v1/members/{id}"), rights).await;
    member.session().await;
    assert_eq!(
        member.say(Method::DELETE, "/v1/me/devices", &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    office.does(Method::PUT, "/v1/posture", json!({"posture": "elevated", "why": "Ada calls"})).await;
    office.does(Method::DELETE, "/v1/posture", Value::Null).await;
    office.does(Method::PUT, "/v1/status/statement", json!({"text": "Ada is on it."})).await;
    let said = holdfast()
        .args(["statement", "--all-clear", "--as", "Grace", "--data"])
        .arg(office.data.path())
        .output();
    assert!(said.unwrap().status.success());
    office.does(Method::DELETE, &format!("/v1/members/{id}"), Value::Null).await;

    let entries = of_people(office.entries_with("member.erased").await);
    assert_eq!(
        entries.iter().map(action).collect::<Vec<_>>(),
        [
            "invite.created",
            "member.edited",
            "member.signed_out",
            "posture.ordered",
            "posture.cleared",
            "statement.said",
            "statement.cleared",
            "member.erased",
        ]
    );
    let edited = &entries[1];
    assert_eq!((&edited["who"]["member"], &edited["about"]), (&json!(office.admin_id), &json!(id)));
    assert_eq!(
        (&edited["before"]["roles"], &edited["after"]["roles"]),
        (&json!(["activist"]), &json!(["activist", "sender"]))
    );
    assert_eq!((&edited["before"]["regions"], &edited["after"]["regions"]), (&json!([]), &json!(["north"])));
    assert_eq!(entries[2]["who"]["member"], json!(id));
    assert_eq!(
        (&entries[3]["before"]["posture"], &entries[3]["after"]["posture"]),
        (&json!("normal"), &json!("elevated"))
    );
    assert!(entries[6]["who"]["operator"].is_u64(), "{}", entries[6]);
    for name in ["Siân", "Ada", "Grace"] {
        assert!(!format!("{entries:?}").contains(name), "{name}");
    }
    assert_eq!(office.node.terminate().code(), Some(0));
    whole(office.data.path());
    let all = exported(office.data.path());
    assert_eq!([action(&all[all.len() - 2]), action(&all[all.len() - 1])], ["audit.ended", "head.signed"]);
    let hashes = |entries: &[Value]| entries.iter().map(|entry| entry["hash"].clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&of_people(all)), hashes(&entries));
}

#[actix_rt::test]
async fn a_flipped_byte_a_line_that_is_gone_and_other_keys_are_found() {
    let mut office = Office::open().await;
    for _ in 0..3 {
        office.member().await;
    }
    office.does(Method::PUT, "/v1/posture", json!({"posture": "elevated", "why": "a drill"})).await;
    office.entries_with("posture.ordered").await;
    office.node.kill();
    let data = office.data.path();
    assert!(whole(data).contains("lines 1 to "));
    let file = files(data).pop().unwrap();
    let text = fs::read_to_string(&file).unwrap();

    let mut bytes = text.clone().into_bytes();
    let place = text.match_indices('\n').nth(1).unwrap().0 + 40;
    bytes[place] ^= 1;
    fs::write(&file, &bytes).unwrap();
    broken(
        data,
        &["verify"],
        &[".sealed: line 3 cannot be opened: it was changed", "the audit is not whole"],
    );
    broken(data, &["export"], &["1 lines cannot be read"]);

    let without_third: String =
        text.split_inclusive('\n').enumerate().filter(|(nth, _)| *nth != 2).map(|(_, line)| line).collect();
    fs::write(&file, without_third).unwrap();
    broken(
        data,
        &["verify"],
        &["line 3 does not follow what is before it: the lines 3 to 3 of the chain are missing"],
    );

    fs::write(&file, &text[..text.len() - 10]).unwrap();
    broken(data, &["verify"], &["was never finished, or its end was cut"]);

    fs::write(&file, &text).unwrap();
    whole(data);
    let other = tempfile::tempdir().unwrap();
    token(other.path(), &["--sub", "m_1"]);
    let foreign = other.path().join("keys.json");
    broken(data, &["verify", "--keys", foreign.to_str().unwrap()], &["no line of the audit can be opened"]);
    broken(other.path(), &["verify"], &["there is no audit in "]);
    let nowhere = other.path().join("none.json");
    broken(data, &["verify", "--keys", nowhere.to_str().unwrap()], &["there are no keys at "]);
    assert!(!nowhere.exists(), "none are made");
}

#[actix_rt::test]
async fn a_head_that_an_organiser_kept_shows_that_the_end_is_missing() {
    let mut office = Office::open().await;
    office.member().await;
    office.entries_with("invite.created").await;
    let data = office.data.path().to_owned();
    let shows = async |role: &str, path: &str| {
        let mut visitor = Visitor::at(office.node.address);
        visitor.token = token(&data, &["--sub", "m_1", "--role", role]);
        visitor.get(path).await
    };
    for (role, page, head) in
        [("activist", 403, 403), ("approver", 403, 403), ("sender", 403, 200), ("admin", 200, 200)]
    {
        assert_eq!(shows(role, "/v1/audit").await.status.as_u16(), page, "{role}");
        assert_eq!(shows(role, "/v1/audit/head").await.status.as_u16(), head, "{role}");
    }
    let mut stranger = Visitor::at(office.node.address);
    assert_eq!(stranger.get("/v1/audit").await.outcome(), (401, "unauthorized"));
    assert_eq!(stranger.get("/v1/audit/head").await.outcome(), (401, "unauthorized"));
    assert_eq!(office.node.terminate().code(), Some(0));

    // The stop signed the end, too: the node that goes on tells it.
    let node = Start::embedded(&data).run();
    let mut sender = Visitor::at(node.address);
    sender.token = token(&data, &["--sub", "m_1", "--role", "sender"]);
    let until = Instant::now() + PATIENCE;
    let kept = loop {
        let answer = sender.get("/v1/audit/head").await;
        if answer.status == StatusCode::OK {
            break answer.body;
        }
        assert!(Instant::now() < until, "{}", answer.body);
    };
    assert_eq!(kept["public_key"].as_str().unwrap().len(), 43);
    node.kill();
    let heads = data.join("kept.jsonl");
    fs::write(&heads, format!("{kept}\n")).unwrap();
    let verify = ["verify", "--heads", heads.to_str().unwrap()];
    let (code, printed, said) = audit(&data, &verify);
    assert_eq!(code, Some(0), "{said}");
    assert!(printed.contains("heads that were kept: 1, of which 1 end here"), "{printed}");

    let file = files(&data).pop().unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let kept_lines = usize::try_from(kept["lines"].as_u64().unwrap()).unwrap();
    let cut: String = text.split_inclusive('\n').take(kept_lines - 1).collect();
    fs::write(&file, cut).unwrap();
    whole(&data);
    broken(&data, &verify, &["is the last, but a head that was kept elsewhere knows ", "the end is missing"]);
    let forged = kept.to_string().replace("\"lines\":", "\"lines\":1");
    fs::write(&heads, forged).unwrap();
    broken(&data, &verify, &["a head whose signature is not of these keys"]);
}

#[actix_rt::test]
async fn what_is_removed_because_of_its_age_is_said_with_its_hash_and_up_to_when_each_class_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let (day, incident) = ("2020-01-01.jsonl", "2020-01-01T00-00-00Z");
    let egress = data.path().join("egress");
    let record = data.path().join("incidents").join(incident);
    fs::create_dir_all(&egress).unwrap();
    fs::create_dir_all(&record).unwrap();
    fs::write(egress.join(day), "what left").unwrap();
    fs::write(record.join("timeline.jsonl"), "what happened\n").unwrap();
    let start = Start::embedded(data.path());
    let node = start.run();
    let mut admin = Visitor::at(node.address);
    admin.token = token(data.path(), &["--sub", "m_1", "--role", "admin"]);

    let until = Instant::now() + PATIENCE;
    let removed = loop {
        let listed = admin.get("/v1/audit?limit=200").await;
        let mut entries = listed.body["entries"].as_array().unwrap().clone();
        entries.retain(|entry| action(entry) == "retention.removed");
        let of = |class: &str| entries.iter().find(|entry| entry["after"]["class"] == class).cloned();
        let classes =
            ["attachments", "conversations", "egress", "incidents", "messages", "records", "service"];
        let found: Vec<Value> = classes.iter().filter_map(|class| of(class)).collect();
        if found.len() == classes.len() {
            break found;
        }
        assert!(Instant::now() < until, "{entries:?}");
        // As often as an admin may ask.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for (entry, file, words) in [(&removed[2], day, "what left"), (&removed[3], incident, "what happened\n")]
    {
        assert_eq!((&entry["about"], &entry["after"]["removed"]), (&json!(file), &json!(1)));
        assert_eq!(entry["after"]["sha256"], json!(Hash::of(words.as_bytes())));
    }
    assert!(!egress.join(day).exists() && !record.exists());
    let (at, messages) = (removed[4]["at"].as_u64().unwrap(), &removed[4]["after"]);
    let kept = at - messages["before"].as_u64().unwrap();
    let days = Duration::from_hours(24 * 90).as_millis();
    assert!(u128::from(kept).abs_diff(days) < 60_000, "{kept}");
    assert_eq!(messages["removed"], json!(0));
    assert_eq!(node.terminate().code(), Some(0));
    whole(data.path());
}

#[actix_rt::test]
async fn an_admin_has_the_audit_checked_and_is_told_of_a_byte_that_was_changed() {
    let mut office = Office::open().await;
    let (mut member, _) = office.member().await;
    office.entries_with("invite.created").await;
    let (path, file) = ("/v1/audit/verification", files(office.data.path()).pop().unwrap());
    assert_eq!(member.get(path).await.outcome(), (403, "forbidden"));
    assert_eq!(Visitor::at(office.node.address).get(path).await.outcome(), (401, "unauthorized"));

    let whole = office.admin.get(path).await.body;
    assert_eq!((&whole["is_whole"], &whole["is_all"]), (&json!(true), &json!(true)), "{whole}");
    let head = office.admin.get("/v1/audit/head").await.body;
    let chain = &whole["chains"][0];
    assert_eq!((&chain["chain"], &chain["is_own"]), (&head["chain"], &json!(true)));
    assert!(chain["first"] == 1 && chain["lines"].as_u64() >= head["lines"].as_u64(), "{chain} {head}");
    assert!(
        chain["hash"].as_str().unwrap().len() == 64 && chain["since"].as_u64() <= chain["until"].as_u64()
    );

    let mut bytes = fs::read(&file).unwrap();
    bytes[40] ^= 1;
    fs::write(&file, bytes).unwrap();
    let broken = office.admin.get(path).await.body;
    assert_eq!((&broken["is_whole"], &broken["findings"]), (&json!(false), &json!(1)), "{broken}");
    assert!(broken["finding"].as_str().unwrap().contains(": line 1 cannot be opened"), "{broken}");
}

#[actix_rt::test]
async fn a_node_that_was_killed_cuts_what_is_torn_says_so_and_goes_on() {
    let mut office = Office::open().await;
    office.member().await;
    office.entries_with("invite.created").await;
    let data = office.data.path().to_owned();
    office.node.kill();
    let before = exported(&data).len();
    let file = files(&data).pop().unwrap();
    let mut text = fs::read(&file).unwrap();
    text.extend(b"AAAA");
    fs::write(&file, text).unwrap();
    let node = Start::embedded(&data).run();
    assert_eq!(node.terminate().code(), Some(0));
    whole(&data);
    let lines = exported(&data);
    assert_eq!(
        (&lines[before]["action"], &lines[before]["after"]["torn_bytes"]),
        (&json!("audit.began"), &json!(4))
    );
}

#[actix_rt::test]
async fn pages_go_back_to_the_beginning_and_nonsense_is_refused() {
    let mut office = Office::open().await;
    for _ in 0..5 {
        office.member().await;
    }
    office.does(Method::PUT, "/v1/posture", json!({"posture": "elevated", "why": "a drill"})).await;
    let mut all = office.entries_with("posture.ordered").await;
    all.reverse();
    let (mut paged, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = office.admin.get(&format!("/v1/audit{query}")).await;
        let entries = page.body["entries"].as_array().unwrap();
        assert!(entries.len() <= 3, "{}", page.body);
        paged.extend(entries.clone());
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("?limit=3&after={next}");
    }
    assert_eq!(paged, all);
    let latest = all[0]["at"].as_u64().unwrap();
    let since = office.admin.get(&format!("/v1/audit?since={latest}")).await;
    assert_eq!(since.body["entries"][0], all[0]);
    let later = office.admin.get(&format!("/v1/audit?since={}", latest + 1)).await;
    assert_eq!(later.body["entries"], json!([]));
    for query in ["?after=x", "?since=soon", "?limit=many", "?colour=red"] {
        assert_eq!(
            office.admin.get(&format!("/v1/audit{query}")).await.outcome(),
            (400, "bad_request"),
            "{query}"
        );
    }
}

#[actix_rt::test]
async fn two_nodes_that_share_a_folder_have_a_chain_each() {
    let redis = TestRedis::start().unwrap();
    let data = tempfile::tempdir().unwrap();
    let starts = [0, 1].map(|_| {
        let mut start = Start::on_redis(data.path(), &redis.url());
        start.arguments.extend(["--ops-socket".to_owned(), "off".to_owned()]);
        start
    });
    let nodes = starts.each_ref().map(Start::run);
    for node in nodes {
        assert_eq!(node.terminate().code(), Some(0));
    }
    let printed = whole(data.path());
    assert_eq!(printed.matches("last hash").count(), 2, "{printed}");
}
