//! What ARCHITECTURE.md says of the crates is what their manifests say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn architecture() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

fn words_in_backticks(text: &str) -> impl Iterator<Item = String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The layer of each crate, from the table.
fn layers() -> BTreeMap<String, u32> {
    let text = architecture();
    let table = text.split("| layer | crates |").nth(1).unwrap().split("\n\n").next().unwrap();
    let rows = table.lines().filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|');
        let layer: u32 = cells.next()?.trim().parse().ok()?;
        Some((layer, cells.next()?.to_owned()))
    });
    rows.flat_map(|(layer, crates)| {
        words_in_backticks(&crates).map(move |name| (name, layer)).collect::<Vec<_>>()
    })
    .collect()
}

/// Our own crates and which of our own crates each depends on outside its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let folders = fs::read_dir(root().join("server")).unwrap().map(|folder| folder.unwrap().path());
    let folders = folders.chain([root().join("load-tests")]);
    let folders: BTreeMap<String, PathBuf> =
        folders.map(|folder| (folder.file_name().unwrap().to_str().unwrap().to_owned(), folder)).collect();
    let names: BTreeSet<String> = folders.keys().cloned().collect();
    let of = |name: &String| {
        let manifest = fs::read_to_string(folders[name].join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some(name.as_str()));
        let dependencies = manifest["dependencies"].as_table().unwrap();
        dependencies.keys().filter(|dependency| names.contains(*dependency)).cloned().collect()
    };
    names.iter().map(|name| (name.clone(), of(name))).collect()
}

#[test]
fn each_crate_depends_on_lower_layers_only() {
    let layers = layers();
    for (name, dependencies) in dependencies() {
        let layer = layers.get(&name).unwrap_or_else(|| panic!("{name} is in no layer"));
        for dependency in dependencies {
            assert!(layers[&dependency] < *layer, "{name} depends on {dependency}");
        }
    }
}

#[test]
fn the_code_map_has_every_crate_and_no_other() {
    let text = architecture();
    let map = text.split("## Code map").nth(1).unwrap().split("\n## ").next().unwrap();
    let headed =
        map.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`').map(str::to_owned));
    let mut mapped: BTreeSet<String> = headed.collect();
    assert!(mapped.remove("web-client"));
    assert_eq!(mapped, dependencies().into_keys().collect());
}

#[test]
fn the_document_of_bounds_has_what_the_program_says() {
    let said = crate::node::holdfast().arg("limits").output().unwrap();
    let tables = String::from_utf8(said.stdout).unwrap();
    assert!(tables.contains("FRAME_MAX_BYTES"), "{tables}");
    let document = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    assert!(
        document.contains(&tables),
        "docs/limits.md is stale: put the output of `holdfast limits` into it"
    );
}

#[test]
fn the_contract_that_is_kept_is_what_the_program_says() {
    let said = crate::node::holdfast().arg("openapi").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("/v1/invites"), "{said}");
    let kept = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    assert!(kept == said, "docs/openapi.json is stale: put the output of `holdfast openapi` into it");
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let documents = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs/api.md",
        "docs/delivery.md",
        "docs/limits.md",
        "docs/performance/README.md",
        "docs/protocol.md",
        "docs/vocabulary.md",
        "load-tests/README.md",
    ];
    for document in documents {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for link in links.filter(|link| !link.starts_with("http")) {
            let target = path.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{document} links to {link}");
        }
    }
}
