//! What the program is made of, besides this crate: a page with what is `unsafe` in it, and a bill of
//! materials; and deny.toml, which the tree is held to here as cargo-deny does. It uses `copyright` and the
//! files that cargo has fetched.

use super::{committed, copyright};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How often the word `unsafe` stands in Rust files below a folder, outside comments and whole strings in a line.
fn unsafes(folder: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_tests = ["tests", "benches", "examples"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_tests {
            count += unsafes(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let code = text.lines().map(|line| line.split("//").next().unwrap());
            let is_word_end = |c: char| !(c.is_alphanumeric() || c == '_');
            let words = code.flat_map(|line| line.split(is_word_end));
            count += words.filter(|word| *word == "unsafe").count();
        }
    }
    count
}

#[test]
fn the_page_of_dependencies_is_right() {
    let library = copyright::names(&[]);
    let mut page = PAGE.to_owned();
    let own = unsafes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    writeln!(page, "| **cacerts** | {} | {own} |", env!("CARGO_PKG_LICENSE")).unwrap();
    let (mut all, mut crates) = (0, 0);
    for (name, package) in copyright::packages_of(&["--features", "cli"]) {
        if !library.contains(&name) {
            continue;
        }
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let count = unsafes(manifest.parent().unwrap());
        let licence = package["license"].as_str().unwrap();
        writeln!(page, "| {} {} | {licence} | {count} |", name.0, name.1).unwrap();
        (all, crates) = (all + count, crates + 1);
    }
    assert!(crates > 10, "{crates} crates");
    writeln!(page, "\n{crates} crates beside this one, {all} times.").unwrap();
    committed("docs/dependencies.md", &page);
}

const PAGE: &str = "\
# What the library brings in

The crates of a program that uses the library with its default features, on Linux, and how often the word `unsafe`
stands in their Rust files, outside comments: what other systems use, and tests in their files, included. Written by
`GENERATED=write cargo test --features cli --test generated`, from the versions of `Cargo.lock`. ring is mostly C and
assembly, in which nothing is counted.

| crate | licence | `unsafe` |
|---|---|---|
";

#[test]
fn the_bill_of_materials_is_right() {
    let lock: toml::Table = include_str!("../../Cargo.lock").parse().unwrap();
    let mut checksums = BTreeMap::new();
    for package in lock["package"].as_array().unwrap() {
        let text = |key| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        checksums.insert((text("name").unwrap(), text("version").unwrap()), text("checksum"));
    }
    let component = |kind: &str, name: &str, version: &str, licence: &str| {
        let purl = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"));
        json!({
            "type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl,
            // Older manifests have a slash for OR.
            "licenses": [{ "expression": licence.replace(" OR ", "/").replace('/', " OR ") }],
        })
    };
    let mut components = Vec::new();
    let linked = copyright::names(&["--features", "cli"]);
    for (name, package) in copyright::packages_of(&["--features", "cli"]) {
        if !linked.contains(&name) {
            continue;
        }
        let licence = package["license"].as_str().unwrap();
        let mut one = component("library", &name.0, &name.1, licence);
        let checksum = checksums[&name].as_deref().unwrap();
        one["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        components.push(one);
    }
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": component("application", name, version, env!("CARGO_PKG_LICENSE")),
        },
        "components": components,
    });
    assert!(components.len() > 50, "{}", components.len());
    let text = serde_json::to_string_pretty(&bill).unwrap();
    committed("docs/sbom.cdx.json", &(text + "\n"));
}

/// What cargo-deny does with the file, but for advisories.
#[test]
fn the_tree_is_what_deny_toml_allows() {
    let deny: toml::Table = include_str!("../../deny.toml").parse().unwrap();
    let list = |table: &str, key: &str| -> BTreeSet<String> {
        let all = deny[table][key].as_array().unwrap().iter();
        all.map(|one| one.as_str().unwrap_or_else(|| one["crate"].as_str().unwrap()).to_owned())
            .collect()
    };
    let (allowed, doubled) = (list("licenses", "allow"), list("bans", "skip"));
    assert_eq!(deny["sources"]["unknown-registry"].as_str(), Some("deny"));
    assert_eq!(deny["sources"]["unknown-git"].as_str(), Some("deny"));
    let (mut used, mut versions) = (BTreeSet::new(), BTreeMap::<_, BTreeSet<_>>::new());
    for (name, package) in copyright::packages_of(&["--all-features"]) {
        let licence = package["license"].as_str().unwrap();
        for part in licence.split(" AND ") {
            let part = part.trim_start_matches('(').trim_end_matches(')');
            let mut choices = part.split(" OR ").flat_map(|choice| choice.split('/'));
            let chosen = choices.find(|choice| allowed.contains(choice.trim()));
            let chosen = chosen.unwrap_or_else(|| panic!("{name:?}: {licence} is not allowed"));
            used.insert(chosen.trim().to_owned());
        }
        let source = package["source"].as_str().unwrap_or_default();
        assert!(source.starts_with("registry+") && source.contains("crates.io-index"), "{name:?}");
    }
    assert_eq!(used, allowed, "deny.toml allows what nothing has");
    for (name, version) in copyright::names_in_building() {
        versions.entry(name).or_default().insert(version);
    }
    let more = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    assert_eq!(more.map(|(name, _)| name).collect::<BTreeSet<_>>(), doubled, "bans.skip");
}
