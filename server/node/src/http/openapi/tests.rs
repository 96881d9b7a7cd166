//! The document says all that the service does, and nothing else.

use super::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn document() -> Value {
    serde_json::to_value(Document::openapi()).unwrap()
}

/// A route, as it is written where routes are registered.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Route {
    path: String,
    method: String,
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let of = |entry: PathBuf| {
        if entry.is_dir() && entry.ends_with("openapi") {
            vec![]
        } else if entry.is_dir() {
            sources(&entry)
        } else {
            vec![entry]
        }
    };
    entries.flat_map(of).filter(|file| file.extension().is_some_and(|end| end == "rs")).collect()
}

/// What a path is that is written as a text, or as a constant of the file or of a module.
fn path_of(written: &str, file: &str, http: &Path) -> String {
    if let Some(text) = written.strip_prefix('"') {
        return text.strip_suffix('"').unwrap_or_else(|| panic!("{written} is no path")).to_owned();
    }
    let (source, name) = match written.split_once("::") {
        Some((module, name)) => (fs::read_to_string(http.join(format!("{module}.rs"))).unwrap(), name),
        None => (file.to_owned(), written),
    };
    let value = source.split(&format!("const {name}: &str = \"")).nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// What stands between a parenthesis, which is open already, and its end.
fn within(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap()]
}

/// Every route of `/v1`, and whether it is done once for each key.
fn routes() -> BTreeMap<Route, bool> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let http = source.join("http");
    let mut routes = BTreeMap::new();
    for file in sources(&http).into_iter().chain([source.join("http.rs")]) {
        let text = fs::read_to_string(file).unwrap();
        let mut resource = None;
        let mut rest = text.as_str();
        while let Some(at) = rest.find('(') {
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            rest = after;
            let called = before.rsplit('.').next().unwrap();
            if before.ends_with("web::resource") {
                resource = Some(path_of(within(after).trim(), &text, &http));
            } else if called == "route" {
                let said = within(after).trim();
                let (path, handler) = match said.split_once(',').filter(|(path, _)| !path.contains('(')) {
                    Some((path, handler)) => (path_of(path.trim(), &text, &http), handler),
                    None => (resource.clone().unwrap(), said),
                };
                let method = handler.split_once("web::").unwrap().1.split('(').next().unwrap().to_owned();
                let is_once = handler.contains("idempotency::once");
                routes.insert(Route { path, method }, is_once);
            }
        }
    }
    routes.retain(|route, _| route.path.starts_with("/v1/"));
    routes
}

/// Every operation of the document.
fn operations(document: &Value) -> BTreeMap<Route, &Value> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &'_ Value)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(|method| Route { path: path.clone(), method }).collect::<Vec<_>>()
    };
    let routes = paths.iter().flat_map(of);
    routes
        .map(|route| {
            let operation = &document["paths"][&route.path][&route.method];
            (route, operation)
        })
        .collect()
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let (document, routes) = (document(), routes());
    assert!(routes.len() >= 30, "{routes:?}");
    let described: BTreeSet<Route> = operations(&document).into_keys().collect();
    let registered: BTreeSet<Route> = routes.into_keys().collect();
    let missing: Vec<_> = registered.difference(&described).collect();
    let invented: Vec<_> = described.difference(&registered).collect();
    assert!(missing.is_empty() && invented.is_empty(), "not described: {missing:?}; no route: {invented:?}");
}

#[test]
fn an_idempotency_key_is_described_where_a_request_is_done_once_and_nowhere_else() {
    let (document, routes) = (document(), routes());
    for (route, operation) in operations(&document) {
        let headers = operation["parameters"].as_array().into_iter().flatten();
        let takes_key = headers.clone().any(|header| header["name"] == "Idempotency-Key");
        assert_eq!(takes_key, routes[&route], "{route:?}");
        if takes_key {
            assert!(operation["responses"]["409"].is_object() && operation["responses"]["422"].is_object());
        }
    }
}

#[test]
fn each_operation_has_a_name_a_summary_and_what_it_is_refused_with() {
    let document = document();
    let operations = operations(&document);
    let names: BTreeSet<&str> =
        operations.values().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len());
    for (route, operation) in operations {
        assert!(operation["summary"].as_str().is_some_and(|words| words.ends_with('.')), "{route:?}");
        for status in ["400", "503"] {
            assert!(operation["responses"][status]["$ref"].is_string(), "{route:?} {status}");
        }
        if operation["security"] == serde_json::json!([{"bearer": []}]) {
            assert!(operation["responses"]["429"]["$ref"].is_string(), "{route:?}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(value: &Value, document: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| check(value, document)),
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref") {
                    let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{pointer}");
                }
                members.values().for_each(|value| check(value, document));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    check(&document(), &document());
}

#[test]
fn every_problem_is_described_with_its_code() {
    let document = document();
    // From the text, so that a new one that is not in the list is noticed.
    let source = include_str!("../problem.rs");
    let listed = source.split("const fn code").nth(1).unwrap().split("impl ResponseError").next().unwrap();
    let codes = listed.split("=> \"").skip(1);
    let codes: BTreeSet<&str> =
        codes.map_while(|rest| rest.split_once("\",\n")).map(|(code, _)| code).collect();
    let described = &document["components"]["schemas"]["ProblemCode"]["enum"];
    let described: BTreeSet<&str> =
        described.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(described, codes.iter().copied().chain(["waiting"]).collect());
    let responses = document["components"]["responses"].to_string();
    assert!(codes.iter().all(|code| responses.contains(&format!("`{code}`"))));
}

#[test]
fn the_introduction_says_what_the_bounds_say() {
    use admission::account_rates::{
        ACCOUNT_READS_BURST, ACCOUNT_READS_PER_SECOND, ACCOUNT_WRITES_BURST, ACCOUNT_WRITES_PER_SECOND,
        ORGANISER_RATE_TIMES,
    };
    let words = include_str!("introduction.md").replace('\n', " ");
    for said in [
        format!("read {ACCOUNT_READS_PER_SECOND} times a second and {ACCOUNT_READS_BURST} times at once"),
        format!(
            "change things {ACCOUNT_WRITES_PER_SECOND} times a second and {ACCOUNT_WRITES_BURST} times at once"
        ),
    ] {
        assert!(words.contains(&said), "{said}");
    }
    assert_eq!(ORGANISER_RATE_TIMES, 5, "five times as much");
}
