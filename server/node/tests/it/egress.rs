//! What an operator asks of the account of what left.

use crate::node::{Start, holdfast};
use std::fs;
use std::path::Path;

const LINES: &str = r#"{"what":"begin","at":1000,"version":1}
{"what":"range","since":1000,"until":2000,"channel":"teams:a","first":1,"last":2,"publications":2,"bytes":200,"accounts":["m_1"]}
{"what":"other","since":1000,"until":61000,"bytes":30,"accounts":["-"]}
"#;

fn ask(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = holdfast().arg("egress").arg("--data").arg(data).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn it_is_added_up_for_one_account_or_all() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("egress");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("1970-01-01.jsonl"), LINES).unwrap();
    let (code, all, notes) = ask(data.path(), &[]);
    assert_eq!((code, all.lines().count()), (Some(0), 2));
    assert!(notes.contains("1970-01-01T00:00:01Z have no end here"), "{notes}");
    let (_, strangers, _) = ask(data.path(), &["--account", "-"]);
    assert!(strangers.starts_with(r#"{"account":"-","bytes":30,"#), "{strangers}");
    let (_, later, _) = ask(data.path(), &["--since", "1970-01-01T00:00:03Z", "--until", "1970-01-02"]);
    assert_eq!(later.lines().count(), 1);
}

#[test]
fn what_cannot_be_asked_is_said() {
    let data = tempfile::tempdir().unwrap();
    for arguments in [vec!["--since", "soon"], vec!["--account", "two words"], vec![]] {
        let (code, printed, said) = ask(data.path(), &arguments);
        assert_eq!((code, printed.as_str()), (Some(2), ""), "{said}");
    }
}

#[test]
fn a_node_that_cannot_keep_it_does_not_start() {
    let data = tempfile::tempdir().unwrap();
    fs::write(data.path().join("egress"), "").unwrap();
    let (code, said) = Start::embedded(data.path()).refusal();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the account of what leaves cannot be kept"), "{said}");
}
